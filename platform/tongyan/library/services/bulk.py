"""One deed for many resources: each for itself, so that what can be done is done and the rest says why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.services import find_node
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid, TongyanError, TooMany
from tongyan.kernel.permissions import Actor, visible
from tongyan.library.models import Difficulty, Licence, Resource, ResourceKind
from tongyan.library.services.editing import ResourceEdit, edit_resource
from tongyan.library.services.listing import get_editable
from tongyan.library.services.sheet_rows import edit_of
from tongyan.library.services.trash import restore_resource, trash_resource

MAX_MANY = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A resource with which it could not be done, by its title if the actor may know it."""

    title: str
    error: TongyanError


@dataclass(slots=True)
class Outcome:
    """With which it was done, and with which not."""

    done: list[UUID] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ManyEdit:
    """What is changed of many; None and empty leave each as it is."""

    kind: ResourceKind | None = None
    subject: str | None = None
    grade: int | None = None
    add_keywords: Sequence[str] = ()
    drop_keywords: Sequence[str] = ()
    for_whom: Sequence[str] = ()
    difficulty: Difficulty | None = None

    def of(self, edit: ResourceEdit) -> ResourceEdit:
        """Return the edit of one resource with these changes."""
        simple = {"kind": self.kind, "difficulty": self.difficulty, "for_whom": list(self.for_whom)}
        values: dict[str, Any] = {name: value for name, value in simple.items() if value}
        words = [word for word in edit.keywords if word not in self.drop_keywords]
        values["keywords"] = list(dict.fromkeys([*words, *self.add_keywords]))
        subject, grade = self.subject or edit.subject, self.grade or edit.grade
        if (subject, grade) != (edit.subject, edit.grade):  # the old place lies elsewhere
            values |= {"subject": subject, "grade": grade, "stage": None, "node_id": None}
        return replace(edit, **values)


def titles_of(actor: Actor, ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return the chosen resources that the actor may see, each with its title, in the order of the choice."""
    check_number(ids)
    seen = select(Resource.id, Resource.title).where(Resource.id.in_(ids), visible(actor, Resource))
    titles = {resource_id: title for resource_id, title in db.session.execute(seen)}
    return [(each, titles[each]) for each in dict.fromkeys(ids) if each in titles]


def check_number(ids: Sequence[UUID]) -> None:
    """Raise TooMany when more were chosen than are done at once, Invalid when none was."""
    if not ids:
        raise Invalid("bulk.nothing")
    if len(ids) > MAX_MANY:
        raise TooMany("bulk.too_many", limit=MAX_MANY, seconds=1)


def edit_many(actor: Actor, ids: Sequence[UUID], changes: ManyEdit) -> Outcome:
    """Change the same things of many resources. Raises Invalid, TooMany."""
    return _each(actor, ids, lambda one: _edit(actor, one, changes.of))


def move_many(actor: Actor, ids: Sequence[UUID], node_id: UUID) -> Outcome:
    """Give many resources the same place in the curriculum. Raises Invalid, TooMany."""
    node = find_node(node_id)
    if node is None:
        raise Invalid(errors={"node": ["field.invalid"]})
    said: dict[str, Any] = {name: value for name, value in (("subject", node.subject), ("grade", node.grade)) if value}
    return _each(
        actor, ids, lambda one: _edit(actor, one, lambda edit: replace(edit, node_id=node_id, stage=node.stage, **said))
    )


def license_many(actor: Actor, ids: Sequence[UUID], licence: Licence) -> Outcome:
    """Give many resources the same licence. Raises Invalid, TooMany."""
    return _each(actor, ids, lambda one: _edit(actor, one, lambda edit: replace(edit, licence=licence)))


def trash_many(actor: Actor, ids: Sequence[UUID]) -> Outcome:
    """Put many resources into the trash. Raises Invalid, TooMany."""
    return _each(actor, ids, lambda one: trash_resource(actor, one))


def restore_many(actor: Actor, ids: Sequence[UUID]) -> Outcome:
    """Bring many resources back as drafts. Raises Invalid, TooMany."""
    return _each(actor, ids, lambda one: restore_resource(actor, one))


def _edit(actor: Actor, resource_id: UUID, change: Callable[[ResourceEdit], ResourceEdit]) -> None:
    resource = get_editable(actor, resource_id)
    edit = edit_of(resource)
    changed = change(edit)
    if changed != edit:
        edit_resource(actor, resource_id, changed, resource.version)


def _each(actor: Actor, ids: Sequence[UUID], deed: Callable[[UUID], object]) -> Outcome:
    titles, outcome = dict(titles_of(actor, ids)), Outcome()
    for one in dict.fromkeys(ids):
        try:
            deed(one)
            outcome.done.append(one)
        except TongyanError as error:
            outcome.refused.append(Refusal(titles.get(one, ""), error))
    return outcome
