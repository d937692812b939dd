"""What is said of a resource in words: on its page, and as the columns of a list that is taken along."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext

from blueprints.common.audiences import audience_names
from blueprints.common.labels import grade_name, label, listed
from blueprints.common.web import current_actor
from blueprints.common.workbooks import minute
from blueprints.library import bp
from blueprints.library.detail_forms import contributor_words
from tongyan.curriculum.models import Level
from tongyan.library import services as library
from tongyan.library.models import ForWhom, Resource

LANGUAGES = {"zh": _("中文"), "en": _("英语"), "ja": _("日语"), "ru": _("俄语"), "fr": _("法语"), "de": _("德语")}


class Place(StrEnum):
    """Where a fact stands: at the top of the page, or folded away."""

    FIRST = "first"
    MORE = "more"


class Fact(NamedTuple):
    """A name, what a resource says under it (nothing: it is not shown), and where it stands."""

    name: Any
    value: Callable[[Resource], Any]
    place: Place = Place.MORE


def _book(resource: Resource) -> str:
    node = resource.node
    return f"{node.edition} {grade_name(node.grade)}{node.volume}".strip() if node and node.edition else ""


def _spot(resource: Resource) -> str:
    node = resource.node
    return node.title if node and node.level in {Level.UNIT, Level.LESSON} else ""


def _people(resource: Resource) -> str:
    return listed(map(contributor_words, resource.contributors))


def _readers(resource: Resource) -> str:
    return listed(label(ForWhom(each)) for each in resource.for_whom)


def _periods(resource: Resource) -> str:
    return str(gettext("%(number)s 课时", number=resource.periods)) if resource.periods else ""


def _audience(resource: Resource) -> str:
    if resource.audience not in g.get("audience_names", {}):
        _name_audiences([resource])
    return str(g.audience_names[resource.audience])


def _name_audiences(resources: Sequence[Resource]) -> None:
    """Look the audiences of many resources up at once; the request remembers them."""
    names = audience_names({resource.audience for resource in resources})
    g.audience_names = g.get("audience_names", {}) | names


FACTS = (
    Fact(_("类型"), lambda each: label(each.kind), Place.FIRST),
    Fact(_("学科"), lambda each: each.subject, Place.FIRST),
    Fact(_("年级"), lambda each: grade_name(each.grade), Place.FIRST),
    Fact(_("教材"), _book, Place.FIRST),
    Fact(_("单元或课"), _spot, Place.FIRST),
    Fact(_("作者"), lambda each: each.owner.name, Place.FIRST),
    Fact(_("贡献者"), _people, Place.FIRST),
    Fact(_("所属学校"), lambda each: each.school.name if each.school else "", Place.FIRST),
    Fact(_("谁能看到"), _audience, Place.FIRST),
    Fact(_("审核"), lambda each: label(each.standing), Place.FIRST),
    Fact(_("许可"), lambda each: label(each.licence), Place.FIRST),
    Fact(_("来源"), lambda each: each.source, Place.FIRST),
    Fact(_("关键词"), lambda each: " ".join(each.keywords), Place.FIRST),
    Fact(_("摘要"), lambda each: each.summary, Place.FIRST),
    Fact(_("分享时间"), lambda each: minute(each.published_at), Place.FIRST),
    Fact(_("内容领域"), lambda each: listed(each.domains)),
    Fact(_("核心素养"), lambda each: listed(each.competencies)),
    Fact(_("适用对象"), _readers),
    Fact(_("难度"), lambda each: label(each.difficulty)),
    Fact(_("建议课时"), _periods),
    Fact(pgettext("one", "备课组"), lambda each: each.prep_group.name if each.prep_group else ""),
    Fact(_("语种"), lambda each: str(LANGUAGES.get(each.language, each.language))),
    Fact(_("状态"), lambda each: label(each.state)),
    Fact(_("创建时间"), lambda each: minute(each.created_at)),
    Fact(_("审核时间"), lambda each: minute(each.reviewed_at)),
    Fact(_("停用时间"), lambda each: minute(each.retired_at)),
)


@bp.app_template_global()
def resource_facts(resource: Resource, place: str) -> list[tuple[str, str]]:
    """Return the names and words of what a resource says in a place of its page."""
    said = ((str(fact.name), fact.value(resource)) for fact in FACTS if fact.place == place)
    return [(name, str(value)) for name, value in said if value]


@bp.app_template_global()
def newer_resource(resource: Resource) -> Resource | None:
    """Return what took the place of a resource, if the reader sees it."""
    return library.replaced_by(current_actor(), resource)


@bp.app_template_global()
def older_resource(resource: Resource) -> Resource | None:
    """Return what a resource took the place of, if the reader sees it."""
    return library.replaced(current_actor(), resource)
