"""Forms of regions, schools, groups, postings and offices."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.validators import Optional as Maybe
from wtforms.widgets import CheckboxInput

from blueprints.common.forms import Form
from blueprints.common.labels import LABELS, choices
from tongyan.kernel.clock import today
from tongyan.org.models import Group, OfficeKind, Pairing, PostingKind, Region, RegionLevel, School, Stage, Way
from tongyan.org.services.groups import GroupEdit
from tongyan.org.services.regions import RegionChoice, RegionEdit
from tongyan.org.services.schools import SchoolEdit

GIGABYTE = 1024**3
NEEDED = InputRequired(_("请填写这一项。"))
CHOSEN = DataRequired(_("请选择。"))


def chosen_id(text: Any) -> UUID | None:
    """Return the id that was chosen in a select, None for its first line."""
    return UUID(str(text)) if text else None


def _offer(field: SelectField, none: Any, options: Iterable[tuple[UUID, str]]) -> None:
    field.choices = [("", none), *options]


class DayField(DateField):
    """A date that must be there."""

    @property
    def day(self) -> date:
        """Return the date, once the form is valid."""
        return cast(date, self.data)


class VersionedForm(Form):
    """A form that knows which version its reader saw."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """Return that version; nonsense is older than any."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() else 0


class RegionForm(VersionedForm):
    """A region."""

    name = StringField(_("名称"), [NEEDED, Length(max=64)])
    level = SelectField(_("级别"), choices=lambda: choices(RegionLevel), coerce=RegionLevel)
    parent_id = SelectField(_("上级地区"), coerce=chosen_id, validators=[Maybe()])

    @classmethod
    def of(cls, region: Region) -> "RegionForm":
        """Return the form filled from a region."""
        return cls(version=str(region.version), name=region.name, level=region.level, parent_id=region.parent_id)

    def offer(self, regions: Iterable[RegionChoice]) -> "RegionForm":
        """Offer what may stand above."""
        _offer(self.parent_id, _("没有上级"), [(region.id, region.path) for region in regions])
        return self

    def edit(self) -> RegionEdit:
        """Return what was filled in."""
        return RegionEdit(self.name.data or "", self.level.data, self.parent_id.data)


class SchoolForm(VersionedForm):
    """A school."""

    name = StringField(_("全称"), [NEEDED, Length(max=128)])
    short_name = StringField(_("简称"), [NEEDED, Length(max=32)], description=_("课表和列表里用的短名"))
    stages = SelectMultipleField(
        _("学段"),
        choices=lambda: choices(Stage),
        coerce=Stage,
        option_widget=CheckboxInput(),
        description=_("九年一贯制学校选小学和初中"),
    )
    region_id = SelectField(_("所在地区"), coerce=chosen_id, validators=[Maybe()])
    legal_person = BooleanField(_("独立法人"), default=True)
    owning_authority = StringField(_("主管部门"), [Length(max=128)])
    quota_bytes = IntegerField(
        _("资源空间（GB）"), [Maybe(), NumberRange(1, 1_000_000)], description=_("不填就没有学校的上限")
    )
    reviews_resources = BooleanField(_("分享前先审核"), description=_("分享到全校的资源，审核通过后别人才看得到"))

    @classmethod
    def of(cls, school: School) -> "SchoolForm":
        """Return the form filled from a school."""
        return cls(
            version=str(school.version),
            name=school.name,
            short_name=school.short_name,
            stages=[Stage(stage) for stage in school.stages],
            region_id=school.region_id,
            legal_person=school.legal_person,
            owning_authority=school.owning_authority,
            quota_bytes=-(-school.quota_bytes // GIGABYTE) if school.quota_bytes else None,
            reviews_resources=school.reviews_resources,
        )

    def offer(self, regions: Iterable[RegionChoice]) -> "SchoolForm":
        """Offer the regions."""
        _offer(self.region_id, _("没有选定"), [(region.id, region.path) for region in regions])
        return self

    def edit(self) -> SchoolEdit:
        """Return what was filled in."""
        return SchoolEdit(
            name=self.name.data or "",
            short_name=self.short_name.data or "",
            stages=self.stages.data or [],
            legal_person=self.legal_person.data,
            owning_authority=self.owning_authority.data or "",
            region_id=self.region_id.data,
            quota_bytes=self.quota_bytes.data * GIGABYTE if self.quota_bytes.data else None,
            reviews_resources=self.reviews_resources.data,
        )


class GroupForm(VersionedForm):
    """A group."""

    name = StringField(_("名称"), [NEEDED, Length(max=128)])
    pairing = SelectField(_("组合"), choices=lambda: choices(Pairing), coerce=Pairing)
    way = SelectField(_("办学方式"), choices=lambda: choices(Way), coerce=Way)
    core_school_id = SelectField(_("核心校"), coerce=chosen_id, validators=[Maybe()])
    region_id = SelectField(_("所属地区"), coerce=chosen_id, validators=[Maybe()])
    founded_on = DayField(_("成立日期"), [NEEDED], default=today)
    reviews_resources = BooleanField(_("分享前先审核"), description=_("分享到集团的资源，审核通过后别人才看得到"))

    @classmethod
    def of(cls, group: Group) -> "GroupForm":
        """Return the form filled from a group."""
        return cls(
            version=str(group.version),
            name=group.name,
            pairing=group.pairing,
            way=group.way,
            core_school_id=group.core_school_id,
            region_id=group.region_id,
            founded_on=group.founded_on,
            reviews_resources=group.reviews_resources,
        )

    def offer(self, schools: Iterable[School], regions: Iterable[RegionChoice]) -> "GroupForm":
        """Offer the schools that may be the core, and the regions."""
        _offer(self.core_school_id, _("还没有定"), [(school.id, school.name) for school in schools])
        _offer(self.region_id, _("没有选定"), [(region.id, region.path) for region in regions])
        return self

    def edit(self) -> GroupEdit:
        """Return what was filled in."""
        return GroupEdit(
            name=self.name.data or "",
            pairing=self.pairing.data,
            way=self.way.data,
            founded_on=self.founded_on.day,
            core_school_id=self.core_school_id.data,
            region_id=self.region_id.data,
            reviews_resources=self.reviews_resources.data,
        )


class PartnerForm(Form):
    """Two groups become partners."""

    partner_id = SelectField(pgettext("one", "伙伴集团"), [CHOSEN], coerce=chosen_id)
    from_on = DayField(_("从哪天起"), [NEEDED], default=today)

    def offer(self, groups: Iterable[Group]) -> "PartnerForm":
        """Offer the groups."""
        _offer(self.partner_id, _("请选择"), [(group.id, group.name) for group in groups])
        return self


class ReviewForm(VersionedForm):
    """The switch of reviews."""

    reviews_resources = BooleanField(_("分享前先审核"))


class JoinForm(Form):
    """A school joins a group."""

    school_id = SelectField(_("加入的学校"), [CHOSEN], coerce=chosen_id)
    from_on = DayField(_("加入日期"), [NEEDED], default=today)
    reason = StringField(_("原因或文号"), [Length(max=255)])

    def offer(self, schools: Iterable[School]) -> "JoinForm":
        """Offer the schools."""
        _offer(self.school_id, _("请选择"), [(school.id, school.name) for school in schools])
        return self


class EndForm(Form):
    """Something ends."""

    to_on = DayField(_("最后一天"), [NEEDED], default=today)


class LeaveForm(EndForm):
    """A school leaves a group, or a group ends: a reason is kept with the history."""

    reason = StringField(_("原因"), [NEEDED, Length(max=255)], description=_("例如：成熟退出、布局调整"))


class EndPrepGroupForm(EndForm, VersionedForm):
    """A 备课组 ends."""


class EndGroupForm(LeaveForm, VersionedForm):
    """A group ends."""


class PersonForm(Form):
    """Somebody is looked for and chosen; what is looked for comes along, so that it works without scripts."""

    person_q = StringField(_("找人"), [Length(max=64)], description=_("姓名或登录名，至少两个字"))
    person_id = HiddenField()
    from_on = DayField(_("第一天"), [NEEDED], default=today)
    to_on = DateField(_("最后一天"), [Maybe()], description=_("长期的不填"))

    @property
    def chosen(self) -> UUID | None:
        """Return who was chosen."""
        try:
            return UUID(self.person_id.data or "")
        except ValueError:
            return None


class PostingForm(PersonForm):
    """Somebody comes to serve at a school."""

    kind = SelectField(_("任职方式"), choices=lambda: choices(PostingKind), coerce=PostingKind)


class OfficeForm(PersonForm):
    """Somebody gets an office."""

    kind = SelectField(_("职务"), coerce=OfficeKind)
    subject = StringField(_("学科"), [Length(max=32)], description=_("学科组长、备课组长必填"))

    def offer(self, kinds: Iterable[OfficeKind]) -> "OfficeForm":
        """Offer the offices there are over the place."""
        self.kind.choices = [(kind.value, LABELS[OfficeKind][kind]) for kind in kinds]
        return self
