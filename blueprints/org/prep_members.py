"""Who is in a 备课组: somebody comes in, leaves, or is named its leader."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.forms import page, refusals
from blueprints.common.web import current_actor, signed_in
from blueprints.org import bp
from blueprints.org.forms import EndForm
from blueprints.org.postings import is_complete
from blueprints.org.prep_forms import PrepMemberForm
from tongyan.org.policy import Action
from tongyan.org.services import prep_groups
from tongyan.org.services import prep_members as service
from tongyan.org.services.staff import Found


def _found(prep_group_id: UUID, form: PrepMemberForm) -> list[Found]:
    """Return who may be meant, whoever was chosen first, for a form that is shown again."""
    actor = current_actor()
    chosen = service.find_candidate(actor, prep_group_id, form.chosen)
    others = service.find_candidates(actor, prep_group_id, form.person_q.data or "")
    return [chosen, *(found for found in others if found.id != chosen.id)] if chosen else list(others)


@bp.get("/prep-groups/<uuid:prep_group_id>/pick-person")
@signed_in
def prep_pick(prep_group_id: UUID) -> ResponseReturnValue:
    """Show who may be meant (part of a form)."""
    text = request.args.get("person_q", "")
    found = service.find_candidates(current_actor(), prep_group_id, text)
    return render_template("org/_candidates.html", found=found, text=text)


@bp.route("/prep-groups/<uuid:prep_group_id>/members/new", methods=["GET", "POST"])
@signed_in
def prep_member_new(prep_group_id: UUID) -> ResponseReturnValue:
    """Take somebody into a 备课组."""
    actor = current_actor()
    group, form = prep_groups.get_prep_group(actor, prep_group_id, Action.PREP_GROUP_STAFF), PrepMemberForm()
    back = url_for(".prep_group", prep_group_id=prep_group_id)
    if is_complete(form) and form.chosen:
        with refusals(form):
            made = service.add_member(
                actor, prep_group_id, form.chosen, form.from_on.day, to_on=form.to_on.data, lead=form.lead.data
            )
            flash(_("“%(name)s”已加入。", name=made.person.name), "success")
            return redirect(back)
    return page("org/prep_member_new.html", form, prep_group=group, found=_found(prep_group_id, form), back=back)


@bp.route("/prep-members/<uuid:member_id>/end", methods=["GET", "POST"])
@signed_in
def prep_member_end(member_id: UUID) -> ResponseReturnValue:
    """Let somebody leave a 备课组."""
    actor = current_actor()
    member, form = service.get_member(actor, member_id), EndForm()
    back = url_for(".prep_group", prep_group_id=member.prep_group_id)
    if form.validate_on_submit():
        with refusals(form):
            ended = service.end_member(actor, member_id, form.to_on.day)
            flash(_("已记下“%(name)s”的最后一天。", name=ended.person.name), "success")
            return redirect(back)
    return page("org/prep_member_end.html", form, member=member, back=back)


@bp.post("/prep-members/<uuid:member_id>/lead")
@signed_in
def prep_member_lead(member_id: UUID) -> ResponseReturnValue:
    """Name a member the leader, or a plain member again."""
    member = service.name_leader(current_actor(), member_id, lead="lead" in request.form)
    name = member.person.name
    flash(_("“%(name)s”现在是组长。", name=name) if member.lead else _("“%(name)s”不再是组长。", name=name), "success")
    return redirect(url_for(".prep_group", prep_group_id=member.prep_group_id))
