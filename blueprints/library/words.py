"""What the fields of a resource are called, and what they say, in words."""

from typing import Any, NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _

from blueprints.common.labels import grade_name, label
from blueprints.common.web import current_actor
from blueprints.library import bp
from tongyan.curriculum import services as curriculum
from tongyan.library.models import Difficulty, Licence, ResourceKind
from tongyan.library.policy import review_duties
from tongyan.org.models import OfficeKind

ENUMS = {"kind": ResourceKind, "licence": Licence, "difficulty": Difficulty}
FIELD_NAMES = {
    "title": _("标题"),
    "kind": _("类型"),
    "summary": _("摘要"),
    "keywords": _("关键词"),
    "licence": _("许可"),
    "source": _("来源"),
    "contributors": _("贡献者"),
    "stage": _("学段"),
    "subject": _("学科"),
    "grade": _("年级"),
    "node_id": _("所在单元或课"),
    "domains": _("内容领域"),
    "competencies": _("核心素养"),
    "language": _("语种"),
    "for_whom": _("适用对象"),
    "difficulty": _("难度"),
    "periods": _("建议课时"),
}


@bp.app_template_global()
def field_name(name: str) -> str:
    """Return what a field is called."""
    return str(FIELD_NAMES.get(name, name))


@bp.app_template_global()
def field_words(name: str, value: Any) -> str:
    """Return what a field of a version says, in words."""
    if value in (None, "", []):
        return str(_("（空）"))
    if name in ENUMS:
        return str(label(ENUMS[name](value)))
    if name == "grade" and isinstance(value, int):
        return str(grade_name(value))
    if name == "node_id":
        node = curriculum.find_node(UUID(str(value)))
        return node.title if node else str(_("（空）"))
    if isinstance(value, list):
        return "、".join(each["name"] if isinstance(each, dict) else str(each) for each in value)
    return str(value)


class Duties(NamedTuple):
    """What a person has to do in the library besides their own work."""

    reviews: bool
    keeps: bool


@bp.app_template_global()
def library_duties() -> Duties:
    """Say whether the person reviews, and whether they head a school that keeps what others left."""
    actor = current_actor()
    return Duties(any(review_duties(actor)), any(grant.kind == OfficeKind.SCHOOL_HEAD for grant in actor.offices))
