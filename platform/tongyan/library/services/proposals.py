"""What a file's name and folders say about it, so that a teacher confirms instead of typing."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.curriculum.services import default_editions, propose_place
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library.limits import family_by_name
from tongyan.library.models import FileFamily, Licence, ResourceKind
from tongyan.library.names import clean_path, extension, stem

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


def propose(actor: Actor, path: str) -> Proposal:
    """Propose title, kind, place, licence and audience from `三上/第二单元/山行.pptx`."""
    path = clean_path(path)
    name = path.rpartition("/")[2]
    place = propose_place(path, default_editions(actor))
    return Proposal(
        title=stem(name)[:MAX_TITLE],
        kind=_kind(path),
        stage=place.stage or None,
        subject=place.subject or None,
        grade=place.grade,
        node_id=place.node_id,
        licence=Licence.CC_BY_NC,
        audience=_audience(actor),
    )


def _kind(path: str) -> ResourceKind:
    for part in reversed(path.split("/")):
        for kind, words in KIND_WORDS:
            if any(word in part for word in words):
                return kind
    known = KIND_BY_EXTENSION.get(extension(path))
    if known is not None:
        return known
    return ResourceKind.MATERIAL if family_by_name(path) is not FileFamily.DOCUMENT else ResourceKind.LESSON_PLAN


def _audience(actor: Actor) -> str:
    """Return the widest circle of colleagues: the group, else the school."""
    if actor.group_ids:
        return group_key(min(actor.group_ids))
    return school_key(actor.school_id) if actor.school_id else user_key(actor.person_id)
