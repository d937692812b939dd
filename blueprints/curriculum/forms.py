"""Forms with which administrators tend the tree. Several stand on one page: each has a prefix of its own."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as Maybe

from blueprints.common.forms import Form
from blueprints.common.labels import choices, label
from tongyan.curriculum.models import Node, Standard, StandardKind


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

    def offer(self, node: Node, siblings: Sequence[Node]) -> "PositionForm":
        """Offer the other siblings and the end; chosen is where the node stands."""
        places = [sibling.id for sibling in siblings]
        behind = siblings[places.index(node.id) + 1 :]
        others = [(str(sibling.id), sibling.title) for sibling in siblings if sibling.id != node.id]
        self.before.choices = [("", _("放在最后")), *others]
        self.before.data = str(behind[0].id) if behind else ""
        return self


class StandardForm(Form):
    """A competency or a domain of a subject."""

    kind = SelectField(_("类别"), choices=lambda: choices(StandardKind))
    title = StringField(_("名称"), [DataRequired(_("请填写名称。")), Length(max=64)])
    note = StringField(_("主题"), [Length(max=500)], description=_("这个领域里有哪些主题，没有就不填"))

    def fix_kind(self, standard: Standard) -> None:
        """Take the choice of the kind away: a competency does not become a domain."""
        del self.kind
        self.kind_name = label(standard.kind)
