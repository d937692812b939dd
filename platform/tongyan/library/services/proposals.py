"""What a file's name and folders say about it, so that a teacher confirms instead of typing."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.services import Place, default_editions, propose_place
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library.limits import family_by_name
from tongyan.library.models import FileFamily, Licence, Resource, ResourceKind, ResourceState
from tongyan.library.names import clean_path, extension, stem
from tongyan.library.peeking import entry_names
from tongyan.library.services.details import own_prep_groups

# the first word found in the path, from the file's name upwards, decides
KIND_WORDS = (
    (ResourceKind.MICRO_LESSON, ("微课", "微视频")),
    (ResourceKind.RECORDING, ("实录", "录像", "录课")),
    (ResourceKind.LESSON_TALK, ("说课", "反思")),
    (ResourceKind.STUDY_GUIDE, ("学案", "导学", "任务单", "预习")),
    (ResourceKind.EXAM, ("试卷", "试题", "测试", "测验", "考试", "期中", "期末", "月考")),
    (ResourceKind.EXERCISE, ("习题", "练习", "作业", "同步练")),
    (ResourceKind.LESSON_PLAN, ("教案", "教学设计", "教学计划", "备课")),
    (ResourceKind.COURSEWARE, ("课件", "幻灯")),
    (ResourceKind.PACKAGE, ("课程包", "资源包")),
    (ResourceKind.MATERIAL, ("素材", "图片", "音频", "朗读", "范读")),
)
KIND_BY_EXTENSION = {
    "ppt": ResourceKind.COURSEWARE,
    "pptx": ResourceKind.COURSEWARE,
    "doc": ResourceKind.LESSON_PLAN,
    "docx": ResourceKind.LESSON_PLAN,
}
ARCHIVES = {"zip"}
KEPT = (ResourceState.DRAFT, ResourceState.PUBLISHED)
LATEST = 10
MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is filled in beforehand; every part can be changed."""

    title: str
    kind: ResourceKind
    stage: str | None
    subject: str | None
    grade: int | None
    node_id: UUID | None
    licence: Licence | None
    audience: str


class Usual(NamedTuple):
    """What a teacher teaches, as far as it shows."""

    stage: str | None = None
    subject: str | None = None
    grade: int | None = None


def propose(actor: Actor, path: str, content: Path | None = None) -> Proposal:
    """Propose title, kind, place, licence and audience from `三上/第二单元/山行.pptx` and, of an archive, its content.

    What the path leaves open is what the teacher brought last, or else what their 备课组 or office is for.
    """
    path = clean_path(path)
    name = path.rpartition("/")[2]
    place = propose_place(path, default_editions(actor))
    if not (place.subject and place.grade):
        place = _completed(place, usual(actor))
    return Proposal(
        title=stem(name)[:MAX_TITLE],
        kind=_kind(path, content),
        stage=place.stage or None,
        subject=place.subject or None,
        grade=place.grade,
        node_id=place.node_id,
        licence=Licence.CC_BY_NC,
        audience=_audience(actor),
    )


def usual(actor: Actor) -> Usual:
    """Return what the actor brought most often of late, else what they prepare with others, else their office."""
    mine = select(Resource.stage, Resource.subject, Resource.grade).where(
        Resource.owner_id == actor.person_id, Resource.state.in_(KEPT), Resource.subject.is_not(None)
    )
    latest = [Usual(*row) for row in db.session.execute(mine.order_by(Resource.created_at.desc()).limit(LATEST))]
    if latest:
        return Counter(latest).most_common(1)[0][0]  # of equals the latest
    prepared = [group for group in own_prep_groups(actor) if group.subject]
    if prepared:
        return Usual(None, prepared[0].subject, prepared[0].grade)
    led = [grant.subject for grant in actor.offices if grant.subject]
    return Usual(subject=led[0] if led else None)


def _completed(place: Place, known: Usual) -> Place:
    """Fill in what a path left open; it never mends what was said."""
    if place.subject is None and place.grade is None:
        return replace(place, stage=known.stage, subject=known.subject, grade=known.grade)
    if place.subject is None:
        return replace(place, subject=known.subject)
    same = place.subject == known.subject and place.node_id is None and place.stage in {None, known.stage}
    return replace(place, stage=known.stage, grade=known.grade) if same else place


def _kind(path: str, content: Path | None) -> ResourceKind:
    for part in reversed(path.split("/")):
        for kind, words in KIND_WORDS:
            if any(word in part for word in words):
                return kind
    suffix = extension(path)
    if suffix in ARCHIVES:
        return _kind_of_archive(entry_names(content) if content is not None and content.exists() else None)
    known = KIND_BY_EXTENSION.get(suffix)
    if known is not None:
        return known
    return ResourceKind.MATERIAL if family_by_name(path) is not FileFamily.DOCUMENT else ResourceKind.LESSON_PLAN


def _kind_of_archive(names: list[str] | None) -> ResourceKind:
    """Tell a lesson that runs by itself (SCORM) from pictures, a single file and a whole package."""
    if names is None:
        return ResourceKind.PACKAGE
    if any(name.rpartition("/")[2].lower() == "imsmanifest.xml" for name in names):
        return ResourceKind.COURSEWARE
    if len(names) == 1 and extension(names[0]) not in ARCHIVES:
        return _kind(names[0], None)
    media = all(family_by_name(name) is not FileFamily.DOCUMENT for name in names)
    return ResourceKind.MATERIAL if media else ResourceKind.PACKAGE


def _audience(actor: Actor) -> str:
    """Return the widest circle of colleagues: the group, else the school."""
    if actor.group_ids:
        return group_key(min(actor.group_ids))
    return school_key(actor.school_id) if actor.school_id else user_key(actor.person_id)
