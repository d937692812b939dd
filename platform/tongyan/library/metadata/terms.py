"""What the three languages share: addresses, dates, and our terms beside those of others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from tongyan.curriculum.models import Node
from tongyan.curriculum.names import grade_name
from tongyan.library.models import Difficulty, ForWhom, Licence, Resource, ResourceFile, ResourceKind

LANGUAGE = "zh"  # of the words that are ours, not the author's
LESSON_MINUTES = {"primary": 40, "primary54": 40}  # by stage; 45 in all others
STAGES = {  # the codes of the curriculum in words
    "kindergarten": "幼儿园",
    "primary": "小学",
    "junior": "初中",
    "primary54": "小学（五四学制）",
    "junior54": "初中（五四学制）",
    "senior": "高中",
    "vocational": "中职",
    "special": "特殊教育",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a reader gets at a resource, and which of its neighbours they may know of."""

    url: str
    file_url: Callable[[ResourceFile], str] | None = None
    based_on: UUID | None = None
    replaces: UUID | None = None
    parts: Sequence[UUID] = ()

    def address_of(self, file: ResourceFile) -> str | None:
        """Return where a file is found, None when that is not told."""
        return self.file_url(file) if self.file_url else None


class Term(NamedTuple):
    """A term of ours: in words, and what LOM calls it ("" where LOM has no such thing)."""

    words: str
    lom: str


KINDS = {
    ResourceKind.LESSON_PLAN: Term("教案", "narrative text"),
    ResourceKind.COURSEWARE: Term("课件", "slide"),
    ResourceKind.MICRO_LESSON: Term("微课", "lecture"),
    ResourceKind.STUDY_GUIDE: Term("学案", "narrative text"),
    ResourceKind.EXERCISE: Term("习题", "exercise"),
    ResourceKind.EXAM: Term("试卷", "exam"),
    ResourceKind.MATERIAL: Term("素材", ""),
    ResourceKind.RECORDING: Term("课堂实录", "lecture"),
    ResourceKind.LESSON_TALK: Term("说课", "narrative text"),
    ResourceKind.PACKAGE: Term("课程包", ""),
}
DIFFICULTIES = {
    Difficulty.BASIC: Term("基础", "easy"),
    Difficulty.ADVANCED: Term("提高", "medium"),
    Difficulty.EXTENDED: Term("拓展", "difficult"),
}
ROLES = {
    ForWhom.TEACHER: Term("教师", "teacher"),
    ForWhom.STUDENT: Term("学生", "learner"),
    ForWhom.PARENT: Term("家长", ""),
}
CC = "https://creativecommons.org"
LICENCES = {
    Licence.CC_BY: f"{CC}/licenses/by/4.0/",
    Licence.CC_BY_SA: f"{CC}/licenses/by-sa/4.0/",
    Licence.CC_BY_NC: f"{CC}/licenses/by-nc/4.0/",
    Licence.CC_BY_NC_SA: f"{CC}/licenses/by-nc-sa/4.0/",
    Licence.CC0: f"{CC}/publicdomain/zero/1.0/",
    Licence.SCHOOL: "校内使用",
    Licence.RESERVED: "保留所有权利",
}


def urn(thing_id: UUID) -> str:
    """Return the name of a thing that stays the same wherever it is copied to."""
    return f"urn:uuid:{thing_id}"


def moment(at: datetime) -> str:
    """Return a moment as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stage_name(code: str | None) -> str:
    """Return a stage in words; a code that is not ours says itself."""
    return STAGES.get(code or "", code or "")


def levels(resource: Resource) -> list[str]:
    """Return 学段 and 年级, as far as they are known."""
    return [name for name in (stage_name(resource.stage), grade_name(resource.grade)) if name]


def ages(resource: Resource) -> str:
    """Return the age of those who are taught it ("8-9"), nothing without a grade."""
    return f"{resource.grade + 5}-{resource.grade + 6}" if resource.grade else ""


def place(node: Node) -> list[str]:
    """Return the way through the curriculum: stage, subject, edition, volume, and the title of the node itself."""
    steps = (stage_name(node.stage), node.subject, node.edition, node.volume, node.title)
    return list(dict.fromkeys(step for step in steps if step))


def publishers(resource: Resource) -> list[str]:
    """Return whose work it is beside its authors': 学校, 备课组."""
    return [body.name for body in (resource.school, resource.prep_group) if body is not None]


def contributors(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give the others who had a part in it: name and role."""
    for person in resource.contributors:
        yield person["name"], person["role"]


def formats(resource: Resource) -> list[str]:
    """Return the media types of the files, each once."""
    return list(dict.fromkeys(file.media_type for file in resource.files if file.media_type))


def learning_time(resource: Resource) -> str:
    """Return the 建议课时 as a duration (ISO 8601), nothing without."""
    minutes = LESSON_MINUTES.get(resource.stage or "", 45)
    return f"PT{resource.periods * minutes}M" if resource.periods else ""


def seconds(duration: float) -> str:
    """Return seconds as a duration (ISO 8601)."""
    return f"PT{round(duration)}S"
