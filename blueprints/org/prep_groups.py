"""备课组 of a school or a group: the page of one, and the forms that make, change and end it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.web import current_actor, signed_in
from blueprints.org import bp
from blueprints.org.forms import EndPrepGroupForm
from blueprints.org.prep_forms import PrepGroupForm
from tongyan.curriculum import services as curriculum
from tongyan.org.policy import Action
from tongyan.org.services import prep_groups as service


def place_url(scope: str) -> str:
    """Return the page on which the 备课组 of a school or group are listed."""
    kind, _colon, place_id = scope.partition(":")
    return url_for(".school_home", school_id=place_id) if kind == "school" else url_for(".group")


@bp.get("/prep-groups/<uuid:prep_group_id>")
@signed_in
def prep_group(prep_group_id: UUID) -> ResponseReturnValue:
    """Show a 备课组 and who is in it."""
    view = service.view_prep_group(current_actor(), prep_group_id)
    return render_template("org/prep_group.html", view=view, place_url=place_url(view.prep_group.scope))


@bp.route("/prep-groups/new/<any(school, group):kind>/<uuid:place_id>", methods=["GET", "POST"])
@signed_in
def prep_group_new(kind: str, place_id: UUID) -> ResponseReturnValue:
    """Make a 备课组 of a school or group."""
    actor = current_actor()
    place = service.place_of(actor, f"{kind}:{place_id}")
    form = PrepGroupForm().offer(place.subjects or curriculum.subject_names(actor), led=bool(place.subjects))
    if form.validate_on_submit():
        with refusals(form):
            made = service.create_prep_group(actor, place.scope, form.edit())
            flash(_("已建立“%(name)s”。接下来请添加成员。", name=made.name), "success")
            return redirect(url_for(".prep_group", prep_group_id=made.id))
    return page("org/prep_group_edit.html", form, prep_group=None, place=place.name, back=place_url(place.scope))


@bp.route("/prep-groups/<uuid:prep_group_id>/edit", methods=["GET", "POST"])
@signed_in
def prep_group_edit(prep_group_id: UUID) -> ResponseReturnValue:
    """Change a 备课组."""
    actor = current_actor()
    found = service.get_prep_group(actor, prep_group_id, Action.PREP_GROUP_EDIT)
    form = PrepGroupForm() if request.method == "POST" else PrepGroupForm.of(found)
    form.offer([*curriculum.subject_names(actor), *([found.subject] if found.subject else [])])
    back = url_for(".prep_group", prep_group_id=prep_group_id)
    if form.validate_on_submit():
        with refusals(form):
            service.update_prep_group(actor, prep_group_id, form.edit(), form.seen)
            flash(_("已保存。"), "success")
            return redirect(back)
    return page("org/prep_group_edit.html", form, prep_group=found, place=found.name, back=back)


@bp.route("/prep-groups/<uuid:prep_group_id>/end", methods=["GET", "POST"])
@signed_in
def prep_group_end(prep_group_id: UUID) -> ResponseReturnValue:
    """End a 备课组; the page says what that means."""
    actor = current_actor()
    found = service.get_prep_group(actor, prep_group_id, Action.PREP_GROUP_EDIT)
    form = EndPrepGroupForm(version=str(found.version))
    back = url_for(".prep_group", prep_group_id=prep_group_id)
    if form.validate_on_submit():
        with refusals(form):
            service.end_prep_group(actor, prep_group_id, form.to_on.day, form.seen)
            flash(_("备课组已结束，历史都还在。"), "success")
            return redirect(back)
    return page("org/prep_group_end.html", form, prep_group=found, back=back)
