"""What a harvester may ask, and how: arguments, dates, sets, and the token with which a long list goes on."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tongyan.kernel.clock import now
from tongyan.library.models import ResourceKind
from tongyan.library.services import HarvestPlace, Wanted

DAY, SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
SECOND_LONG = timedelta(seconds=1)
STEPS = {DAY: timedelta(days=1), SECOND: SECOND_LONG}
KIND, SUBJECT = "kind-", "subject-"  # a set's name may hold no Chinese: a subject is written in hexadecimal

# verb -> the arguments it needs, and those that it may have
LISTS = (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}))
VERBS = {
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset[str]()),
    "Identify": (frozenset[str](), frozenset[str]()),
    "ListIdentifiers": LISTS,
    "ListMetadataFormats": (frozenset[str](), frozenset({"identifier"})),
    "ListRecords": LISTS,
    "ListSets": (frozenset[str](), frozenset[str]()),
}
GOES_ON = frozenset({"ListIdentifiers", "ListRecords"})


class Refused(Exception):
    """An error of the protocol; it is answered with 200, as the protocol wants it."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Course:
    """A list under way: what is wanted, in which format, how far it has come, and how many records went before."""

    prefix: str
    wanted: Wanted
    after: HarvestPlace | None = None
    cursor: int = 0


def check_arguments(verb: str, arguments: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the arguments of a verb, each given once. Raises Refused."""
    if verb not in VERBS:
        raise Refused("badVerb", "no such verb, or not exactly one")
    if any(len(values) > 1 for values in arguments.values()):
        raise Refused("badArgument", "an argument was repeated")
    given = {name: values[0] for name, values in arguments.items()}
    if "resumptionToken" in given and verb in GOES_ON:
        if len(given) > 1:
            raise Refused("badArgument", "resumptionToken stands alone")
        return given
    needed, allowed = VERBS[verb]
    if given.keys() - needed - allowed:
        raise Refused("badArgument", "an argument does not belong to this verb")
    if needed - given.keys():
        raise Refused("badArgument", "an argument is missing")
    return given


def begin(arguments: Mapping[str, str]) -> Course:
    """Return the list that is asked for. Raises Refused."""
    since, until = arguments.get("from"), arguments.get("until")
    if since and until and len(since) != len(until):
        raise Refused("badArgument", "from and until are of different granularity")
    first = _moment(since)[0] if since else None
    last, step = _moment(until) if until else (None, SECOND_LONG)
    if first and last and first > last:
        raise Refused("badArgument", "from is later than until")
    wanted = Wanted(since=first, until=last and last + step)  # both ends are meant to be within
    return Course(arguments["metadataPrefix"], _narrowed(wanted, arguments.get("set")))


def _moment(text: str) -> tuple[datetime, timedelta]:
    """Return a date stamp and how long it lasts."""
    for form, step in STEPS.items():
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC), step
        except ValueError:
            continue
    raise Refused("badArgument", "dates are YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")


def _narrowed(wanted: Wanted, name: str | None) -> Wanted:
    if name is None:
        return wanted
    try:
        if name.startswith(KIND):
            return replace(wanted, kind=ResourceKind(name.removeprefix(KIND)))
        if name.startswith(SUBJECT):
            return replace(wanted, subject=bytes.fromhex(name.removeprefix(SUBJECT)).decode())
    except ValueError:
        pass
    raise Refused("noRecordsMatch", "there is no such set")


def subject_set(subject: str) -> str:
    """Return the name of the set of a subject."""
    return SUBJECT + subject.encode().hex()


def set_names(kind: ResourceKind, subject: str | None) -> list[str]:
    """Return the sets in which a resource is."""
    return [KIND + kind.value, *([subject_set(subject)] if subject else [])]


def to_token(course: Course) -> str:
    """Return where a list goes on. It opens nothing by itself, so it is neither secret nor signed."""
    wanted, place = course.wanted, course.after
    said = {
        "prefix": course.prefix,
        "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
        "kind": wanted.kind,
        "subject": wanted.subject,
        "after": place and [place.at.isoformat(), place.id.hex],
        "cursor": course.cursor,
    }
    return urlsafe_b64encode(json.dumps(said).encode()).decode()


def from_token(token: str) -> Course:
    """Return the list that goes on. Raises Refused."""
    try:
        said = json.loads(urlsafe_b64decode(token.encode()))
        wanted = Wanted(
            since=_aware(said["since"]),
            until=_aware(said["until"]),
            kind=ResourceKind(said["kind"]) if said["kind"] else None,
            subject=str(said["subject"]) if said["subject"] else None,
        )
        at, thing_id = said["after"]
        place = HarvestPlace(_aware(at) or now(), UUID(thing_id))
        return Course(str(said["prefix"]), wanted, place, int(said["cursor"]))
    except (Base64Error, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise Refused("badResumptionToken", "this token is not one of ours") from error


def _aware(text: str | None) -> datetime | None:
    moment = datetime.fromisoformat(text) if text else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(text)
    return moment
