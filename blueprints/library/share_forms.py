"""Forms that open a resource to others, and those of its review."""

from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from blueprints.common.audiences import audience_options
from blueprints.common.forms import Form
from blueprints.common.labels import choices
from blueprints.library.forms import uuid_or_none
from tongyan.kernel.permissions import Actor, circle_key
from tongyan.library import services as library
from tongyan.library.models import Licence, Resource
from tongyan.org.services.circles import circle_for

NAMED = "schools"  # the option that lets one name schools
ORDER = ("group", "school", "prepgroup", "partners", "region")  # what is chosen most stands first


class ShareForm(Form):
    """Who may see a resource, and what they may do with it."""

    # the service says in words what is wrong with a choice
    audience = SelectField(_("分享给"), validate_choice=False)
    schools = SelectMultipleField(_("指定学校"), validate_choice=False, coerce=uuid_or_none)
    licence = SelectField(_("允许别人怎样使用"), choices=lambda: choices(Licence), validate_choice=False)
    note = StringField(_("说明"), [Length(max=500)])

    @classmethod
    def of(cls, resource: Resource) -> "ShareForm":
        """Return the form as the resource is shared now."""
        return cls(audience=resource.audience, licence=(resource.licence or Licence.CC_BY_NC).value, note=resource.note)

    @property
    def chosen_licence(self) -> Licence | None:
        """Return the licence that was chosen, None for each resource's own."""
        return Licence(self.licence.data) if self.licence.data in set(Licence) else None

    def chosen_audience(self, actor: Actor) -> str:
        """Return the audience that was chosen; schools that were named become one. Raises Invalid, NotFound."""
        if self.audience.data != NAMED:
            return self.audience.data or ""
        named: list[UUID] = [school_id for school_id in self.schools.data or [] if school_id]
        return circle_key(circle_for(actor, named))

    @property
    def audiences(self) -> list[str]:
        """Return what is on offer."""
        return [option[0] for option in self.audience.choices or []]

    def offer(self, actor: Actor) -> "ShareForm":
        """Offer what the actor may open something to, what is chosen most first, and the schools that may be named."""
        options = audience_options(actor)
        self.schools.choices = [(school.id, school.name) for school in library.filter_schools(actor)]
        self.audience.choices = sorted(options, key=lambda option: ORDER.index(option[0].partition(":")[0]))
        if options and len(self.schools.choices) > 1:
            self.audience.choices.append((NAMED, _("指定学校…")))
        return self


class ReviewForm(Form):
    """What a reviewer decides."""

    comment = TextAreaField(_("意见"), [Length(max=2000)], render_kw={"rows": 3}, description=_("退回时必须写明意见"))
