"""A resource that grew: its later versions, and the copy that a colleague made of one of them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import select

from tongyan.demo.slides import Additions, courseware
from tongyan.demo.texts import poems
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.models import Resource
from tongyan.library.services.uploads import bring_file

Actors = Mapping[str, Actor]

VERSIONED = "zhang/课件/山居秋暝"
TOPIC = "山居秋暝"
STILL_AND_MOVING = {
    "动静相映": [
        "静：明月照着松林，月光从枝叶间洒下来。",
        "动：泉水在石上流，竹林里传来笑语，莲叶摇动，渔舟下行。",
        "想一想：写了这么多声音和动作，为什么山里反而显得更静？",
    ]
}
ON_THE_BOARD = {
    "板书设计": [
        "山居秋暝：空山、新雨、晚秋。",
        "景：明月、清泉（静）；浣女、渔舟（动）。",
        "情：随意春芳歇，王孙自可留。",
    ]
}


class Revision(NamedTuple):
    """A later version: its age in days, what its owner says is new, and what that is."""

    days: int
    note: str
    more: Additions
    keywords: Sequence[str]


REVISIONS = (
    Revision(9, "补充“动静相映”一页，供比较阅读用", Additions(STILL_AND_MOVING), ["动静结合"]),
    Revision(
        2,
        "加了板书设计；作业改为分层布置",
        Additions(
            STILL_AND_MOVING | ON_THE_BOARD,
            [
                "必做：背诵《山居秋暝》，默写中间四句。",
                "选做：把“竹喧归浣女，莲动下渔舟”写成一段话。",
                "挑战：找一首同样以动写静的诗，和同学交流。",
            ],
        ),
        ["动静结合", "分层作业"],
    ),
)


LAST = len(REVISIONS) + 1


class Copied(NamedTuple):
    """A copy: whose, of which version, how old, and what its owner made of it."""

    login: str
    number: int
    days: int
    title: str
    summary: str


COPY = Copied(
    "liu", 2, 6, "《山居秋暝》课件（柳溪小学用）", "在张文静老师课件上删减：我校按一课时教，只讲前四页和“动静相映”。"
)


def bring(actors: Actors, resource_id: UUID, number: int) -> None:
    """Begin a version that is still missing, and bring its file; it waits to be taken in as every file does."""
    if db.session.get_one(Resource, resource_id).number >= number:
        return
    owner, revision = _owner(actors), REVISIONS[number - 2]
    draft = library.start_revision(owner, resource_id)
    draft_id, path = draft.id, draft.files[0].path
    content = courseware(poems()[TOPIC], owner.name, revision.more)
    upload_id = _upload_id(draft_id)  # an earlier load may have brought it already
    bring_file(owner, path, len(content), io.BytesIO(content), resource_id=draft_id, upload_id=upload_id)


def bring_out(actors: Actors, resource_id: UUID, number: int) -> None:
    """Let a version whose file was taken in be the present one; the copy is made of it before the next comes."""
    release()  # the file was taken in by others
    if db.session.get_one(Resource, resource_id).number < number:
        _share(_owner(actors), resource_id, REVISIONS[number - 2])
    if number == COPY.number:
        _copy(actors[COPY.login], resource_id)


def _owner(actors: Actors) -> Actor:
    return actors[VERSIONED.partition("/")[0]]


def _upload_id(draft_id: UUID) -> UUID:
    return uuid5(draft_id, "file")


def _share(owner: Actor, resource_id: UUID, revision: Revision) -> None:
    with transaction():
        draft = library.start_revision(owner, resource_id)
        brought = library.get_upload(owner, _upload_id(draft.id)).file_id
        for old in [file for file in draft.files if file.id != brought]:
            library.remove_file(owner, old.id)
        keywords = [*draft.keywords, *(word for word in revision.keywords if word not in draft.keywords)]
        library.edit_resource(owner, draft.id, edit_of(draft, keywords=keywords))
        resource = library.share_resource(owner, draft.id, note=revision.note)
        db.session.flush()
        db.session.refresh(resource)
        resource.versions[0].replaced_at = resource.updated_at = now() - timedelta(days=revision.days)


def _copy(actor: Actor, resource_id: UUID) -> None:
    if exists(select(Resource.id).where(Resource.origin_id == resource_id)):
        return
    with transaction():
        copy = library.copy_resource(actor, resource_id)
        library.edit_resource(actor, copy.id, edit_of(copy, title=COPY.title, summary=COPY.summary, periods=1))
        copy.created_at = copy.updated_at = copy.published_at = now() - timedelta(days=COPY.days)
        library.share_resource(actor, copy.id, school_key(actor.school_id or min(actor.school_ids)))


def edit_of(resource: Resource, **changes: Any) -> library.ResourceEdit:
    """Return what a resource says, with changes, as its owner would save it."""
    said = {field.name: getattr(resource, field.name) for field in fields(library.ResourceEdit)}
    return library.ResourceEdit(**said | changes)
