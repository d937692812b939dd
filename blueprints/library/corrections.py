"""第3页有错: telling of a mistake, and answering."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from blueprints.common.forms import page, refusals
from blueprints.common.web import current_actor, signed_in
from blueprints.library import bp
from blueprints.library.voices import back_to_voices, voices_page
from blueprints.library.voices_forms import AnswerForm, CorrectionForm
from tongyan.library import services as library
from tongyan.library.models import CorrectionState


@bp.post("/library/<uuid:resource_id>/corrections")
@signed_in
def correct(resource_id: UUID) -> ResponseReturnValue:
    """Tell whoever keeps a resource of a mistake."""
    actor, form = current_actor(), CorrectionForm(prefix="correction")
    form.offer(library.get_resource(actor, resource_id))
    if form.validate_on_submit():
        with refusals(form):
            library.report_correction(actor, resource_id, form.mistake)
            return back_to_voices(resource_id)
    return voices_page(resource_id, form)


@bp.route("/library/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@signed_in
def correction(correction_id: UUID) -> ResponseReturnValue:
    """Answer a correction: it is mended, or there is a reason to leave it."""
    actor, form = current_actor(), AnswerForm()
    shown = library.get_correction(actor, correction_id)
    if request.method == "POST":
        state = CorrectionState.DONE if "done" in request.form else CorrectionState.DECLINED
        with refusals(form):
            library.answer_correction(actor, correction_id, state, form.answer.data or "")
            return back_to_voices(shown.resource_id)
    return page("library/correction.html", form, correction=shown)
