"""The things that addresses name, made in every relation, and who sees them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from tests.access.world import SEES, make_resource
from tests.factories import save
from tongyan.accounts.models import Notice, Person, PersonSession
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.ids import new_id
from tongyan.library import parts
from tongyan.library.models import Upload

Arguments = dict[str, Any]

PRIVATE_OF = {"own": "owner", "same_school": "colleague", "other_school": "neighbour", "other_group": "outsider"}
SEES_PRIVATE: dict[str, set[str]] = {relation: {person} for relation, person in PRIVATE_OF.items()} | {"deleted": set()}


@dataclass(frozen=True, slots=True)
class Kind:
    """How a thing of a relation is made (it returns the arguments of its address), and who sees it."""

    make: Callable[[SimpleNamespace, str], Arguments]
    sees: Mapping[str, Collection[str]]


def _resource(cast: SimpleNamespace, relation: str) -> Arguments:
    return {"resource_id": make_resource(cast, relation).id}


def _file(cast: SimpleNamespace, relation: str) -> Arguments:
    file = make_resource(cast, relation).files[0]
    return {"file_id": file.id, "name": file.name, "page": 1}


def _private(make: Callable[[UUID], Any], argument: str) -> Kind:
    """A thing of one person only; the deleted one was the owner's."""

    def build(cast: SimpleNamespace, relation: str) -> Arguments:
        person: Person = getattr(cast, PRIVATE_OF.get(relation, "owner"))
        row = save(make(person.id))
        if relation == "deleted":
            with transaction() as session:
                session.delete(row)
        return {argument: row.id}

    return Kind(build, SEES_PRIVATE)


def _upload(person_id: UUID) -> Upload:
    upload = Upload(id=uuid4(), person_id=person_id, name="山行.txt", size=10, expires_at=now() + timedelta(hours=1))
    parts.create_part(upload.id)
    return upload


def _notice(person_id: UUID) -> Notice:
    return Notice(
        person_id=person_id, kind="accounts.password", data={}, url="/account", created_at=now(), read_at=now()
    )


def _session(person_id: UUID) -> PersonSession:
    return PersonSession(
        person_id=person_id, token_hash=uuid4().hex, device_hash="", created_at=now(), last_seen_at=now(),
        expires_at=now() + timedelta(hours=1), ip="192.0.2.1", user_agent="another browser",
    )  # fmt: skip


KINDS = {
    "resource": Kind(_resource, SEES),
    "file": Kind(_file, SEES),
    "upload": _private(_upload, "upload_id"),
    "notice": _private(_notice, "notice_id"),
    "session": _private(_session, "session_id"),
}


def default_arguments(cast: SimpleNamespace) -> Arguments:
    """Make what addresses without a thing of their own are filled with."""
    node_id = new_id()
    save(Node(id=node_id, level=Level.STAGE, title="小学", position=1.0, path=f"/{node_id.hex}/", stage="primary"))
    return {"filename": "icon.svg", "code": "nobody-has-this-code", "name": "a.txt", "page": 1} | {
        "kind": "school",
        "place_id": cast.core.id,
        "person_id": cast.colleague.id, "school_id": cast.core.id, "group_id": cast.group_a.id, "node_id": node_id,
    }  # fmt: skip


def fill(wanted: Iterable[str], *sources: Arguments) -> Arguments:
    """Return the wanted arguments, from the first source that has each; an id that none has is nobody's."""
    known: Arguments = {}
    for source in reversed(sources):
        known |= source
    return {name: known.get(name, uuid4()) for name in wanted}


def missing(arguments: Arguments) -> Arguments:
    """Return the same arguments with ids that nothing has."""
    return {name: uuid4() if isinstance(value, UUID) else value for name, value in arguments.items()}
