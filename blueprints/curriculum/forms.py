"""Forms with which administrators tend the tree. Several stand on one page: each has a prefix of its own."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as Maybe

from blueprints.common.forms import Form
from tongyan.curriculum.models import Node


class RenameForm(Form):
    """Another title; the one that was seen goes along."""

    title = StringField(_("名称"), [DataRequired(_("请填写名称。")), Length(max=200)])
    seen = HiddenField()


class ChildForm(Form):
    """Something new below a node."""

    title = StringField(_("名称"), [DataRequired(_("请填写名称。")), Length(max=200)])
    valid_from = DateField(_("从哪一天起使用"), [Maybe()], description=_("不填就是一直可用"))


class RetireForm(Form):
    """The day from which a node is out of use."""

    on = DateField(_("从哪一天起停用"), [Maybe()], description=_("不填就是今天"))


class PositionForm(Form):
    """The sibling before which a node stands."""

    before = SelectField(_("放在哪一项前面"), validate_choice=False)

    def offer(self, siblings: Sequence[Node]) -> "PositionForm":
        """Offer the siblings, and the end."""
        self.before.choices = [("", _("放在最后")), *((str(sibling.id), sibling.title) for sibling in siblings)]
        return self
