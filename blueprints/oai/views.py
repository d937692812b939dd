"""The one address of the protocol: six verbs, by GET or POST; all answers but those of HTTP itself are XML."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID
from xml.etree.ElementTree import Element, tostring

from flask import Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from blueprints.common.labels import label
from blueprints.common.web import asker, current_actor, current_person
from blueprints.oai import bp
from blueprints.oai.protocol import (
    KIND,
    Refused,
    begin,
    check_arguments,
    from_token,
    set_names,
    subject_set,
    to_token,
)
from tongyan.curriculum import services as curriculum
from tongyan.extensions import limiter
from tongyan.kernel import settings
from tongyan.kernel.clock import now
from tongyan.kernel.errors import NotFound
from tongyan.library import metadata
from tongyan.library import services as library
from tongyan.library.metadata import LOM, OAI_DC, Shown
from tongyan.library.metadata.terms import moment
from tongyan.library.metadata.xml import clean
from tongyan.library.models import ResourceKind
from tongyan.library.services import Record

SCHEMA_PLACE = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
ASK = 'Basic realm="tongyan", Bearer realm="tongyan"'
NO_MATCH = "there is nothing of that kind"


class Format(NamedTuple):
    """A format in which records are given."""

    namespace: str
    schema: str
    write: Callable[..., Element]


FORMATS = {
    "oai_dc": Format(OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", metadata.oai_dc),
    "lom": Format(LOM, "http://ltsc.ieee.org/xsd/lomv1.0/lom.xsd", metadata.lom),
}


@bp.route("/oai", methods=["GET", "POST"])
@limiter.limit("300/minute", key_func=asker)
def answer() -> Response:
    """Answer a harvester; it signs in with a personal access token, as `Basic` or `Bearer`."""
    if current_person() is None:
        return Response("a personal access token is needed\n", 401, {"WWW-Authenticate": ASK}, mimetype="text/plain")
    given = _given()
    verbs = given.pop("verb", [])
    verb = verbs[0] if len(verbs) == 1 else ""
    try:
        arguments = check_arguments(verb, given)
        said = {"asked": {"verb": verb, **arguments}, "verb": verb, **ANSWERS[verb](arguments)}
    except Refused as error:
        understood = error.code not in {"badVerb", "badArgument"}
        asked = {"verb": verb, **{name: values[0] for name, values in given.items()}} if understood else {}
        said = {"asked": asked, "verb": "", "error": error}
    page = render_template("oai/answer.xml", base=_base(), at=moment(now()), clean=clean, **said)
    response = make_response(page)
    response.mimetype = "text/xml"
    return response


def _given() -> dict[str, list[str]]:
    sent: MultiDict[str, str] = request.form if request.method == "POST" else request.args
    return {name: sent.getlist(name) for name in sent}


def _base() -> str:
    base: str = settings.get("PUBLIC_URL")
    return base.rstrip("/") + url_for("oai.answer")


def _identify(_arguments: Mapping[str, str]) -> dict[str, Any]:
    earliest = library.earliest_change(current_actor()) or now()
    return {"earliest": moment(earliest), "email": settings.get("MAIL_FROM")}


def _formats(arguments: Mapping[str, str]) -> dict[str, Any]:
    if "identifier" in arguments:
        _record(arguments["identifier"])
    return {"formats": FORMATS}


def _sets(_arguments: Mapping[str, str]) -> dict[str, Any]:
    subjects = curriculum.subject_names(current_actor())
    return {
        "sets": [
            *((KIND + kind.value, label(kind)) for kind in ResourceKind),
            *((subject_set(subject), subject) for subject in subjects),
        ]
    }


def _get(arguments: Mapping[str, str]) -> dict[str, Any]:
    form = _format(arguments["metadataPrefix"])
    return {"records": [_shown(_record(arguments["identifier"]), form)]}


def _list(arguments: Mapping[str, str], *, bare: bool = False) -> dict[str, Any]:
    token = arguments.get("resumptionToken")
    course = from_token(token) if token is not None else begin(arguments)
    form = _format(course.prefix)
    batch = library.harvest(current_actor(), course.wanted, course.after)
    if not batch.records:
        raise Refused("badResumptionToken" if token else "noRecordsMatch", NO_MATCH)
    going_on = replace(course, after=batch.rest, cursor=course.cursor + len(batch.records))
    return {
        "records": [_shown(record, None if bare else form) for record in batch.records],
        "token": to_token(going_on) if batch.rest else "",
        "resumed": token is not None or batch.rest is not None,
        "cursor": course.cursor,
        "total": max(batch.total, course.cursor + len(batch.records)),
    }


def _list_bare(arguments: Mapping[str, str]) -> dict[str, Any]:
    return _list(arguments, bare=True)


def _format(prefix: str) -> Format:
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", "oai_dc or lom")
    return FORMATS[prefix]


def _record(identifier: str) -> Record:
    try:
        return library.harvested(current_actor(), UUID(identifier.removeprefix("urn:uuid:")))
    except (ValueError, NotFound) as error:
        raise Refused("idDoesNotExist", NO_MATCH) from error


def _shown(record: Record, form: Format | None) -> dict[str, Any]:
    """Return a record for the template; without a format its header only."""
    resource = record.resource
    return {
        "identifier": metadata.urn(resource.id),
        "at": moment(resource.updated_at),
        "sets": set_names(resource.kind, resource.subject),
        "metadata": _written(record, form) if form else "",
    }


def _written(record: Record, form: Format) -> str:
    address = settings.get("PUBLIC_URL").rstrip("/") + url_for("library.show", resource_id=record.resource.id)
    shown = Shown(address, None, record.based_on, record.replaces, record.parts)
    element = form.write(record.resource, shown)
    element.set(SCHEMA_PLACE, f"{form.namespace} {form.schema}")
    return tostring(element, encoding="unicode")


ANSWERS: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "GetRecord": _get,
    "Identify": _identify,
    "ListIdentifiers": _list_bare,
    "ListMetadataFormats": _formats,
    "ListRecords": _list,
    "ListSets": _sets,
}
