"""Who is told what colleagues say of a resource; nobody is told of what they did themselves."""

from collections.abc import Iterator
from uuid import UUID

from tongyan.accounts.models import Person
from tongyan.accounts.notices import NoticeSpec
from tongyan.kernel.db import db
from tongyan.library.events import (
    Commented,
    CorrectionAnswered,
    CorrectionReported,
    TakeDownAsked,
    TakeDownDecided,
    TakeDownLifted,
    TakeDownUpheld,
)
from tongyan.library.models import Comment, Correction, Resource, TakeDown, TakeDownState
from tongyan.library.services.takedowns import deciders, keepers


def tell_of_comment(fact: Commented) -> Iterator[NoticeSpec]:
    """Tell who is mentioned, and who keeps the resource."""
    comment = db.session.get_one(Comment, fact.comment_id)
    resource = db.session.get_one(Resource, comment.resource_id)
    said = {"title": resource.title, "name": db.session.get_one(Person, comment.person_id).name}
    url = f"/library/{resource.id}/voices#comment-{comment.id}"
    mentioned = [UUID(person_id) for person_id in comment.mentions]
    for person_id in mentioned:
        yield NoticeSpec(person_id, "library.mention", url, said)
    for person_id in keepers(resource):
        if person_id not in {comment.person_id, *mentioned}:
            yield NoticeSpec(person_id, "library.comment", url, said)


def tell_of_correction(fact: CorrectionReported) -> Iterator[NoticeSpec]:
    """Tell who keeps the resource that something is wrong."""
    correction = db.session.get_one(Correction, fact.correction_id)
    said = {"title": correction.resource.title, "name": correction.person.name}
    for person_id in keepers(correction.resource):
        if person_id != correction.person_id:
            yield NoticeSpec(person_id, "library.correction", _corrections(correction), said)


def tell_of_answer(fact: CorrectionAnswered) -> Iterator[NoticeSpec]:
    """Tell who found the mistake what came of it."""
    correction = db.session.get_one(Correction, fact.correction_id)
    if correction.answered_by != correction.person_id:
        kind = f"library.correction_{correction.state.value}"
        yield NoticeSpec(correction.person_id, kind, _corrections(correction), {"title": correction.resource.title})


def _corrections(correction: Correction) -> str:
    return f"/library/{correction.resource_id}/voices#corrections"


def tell_heads(fact: TakeDownAsked) -> Iterator[NoticeSpec]:
    """Tell the heads that something should be closed."""
    asked = db.session.get_one(TakeDown, fact.take_down_id)
    for person_id in deciders(asked.resource):
        url = f"/library/take-downs/{asked.id}"
        yield NoticeSpec(person_id, "library.take_down", url, {"title": asked.resource.title})


def tell_of_decision(fact: TakeDownDecided) -> Iterator[NoticeSpec]:
    """Tell who asked, if they have an account."""
    asked = db.session.get_one(TakeDown, fact.take_down_id)
    resource, said = asked.resource, {"title": asked.resource.title, "reason": asked.answer}
    if asked.person_id is not None:
        url = "/library" if asked.state is TakeDownState.UPHELD else f"/library/{resource.id}"
        yield NoticeSpec(asked.person_id, f"library.take_down_{asked.state.value}", url, said)


def tell_of_closing(fact: TakeDownUpheld) -> Iterator[NoticeSpec]:
    """Tell the owner that the resource is closed, and why."""
    asked = db.session.get_one(TakeDown, fact.take_down_id)
    said = {"title": asked.resource.title, "reason": asked.answer}
    yield NoticeSpec(asked.resource.owner_id, "library.taken_down", f"/library/{asked.resource_id}", said)


def tell_owner(fact: TakeDownLifted) -> Iterator[NoticeSpec]:
    """Tell the owner that the resource is open again."""
    resource = db.session.get_one(TakeDown, fact.take_down_id).resource
    said = {"title": resource.title}
    yield NoticeSpec(resource.owner_id, "library.take_down_lifted", f"/library/{resource.id}", said)
