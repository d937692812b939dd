"""What colleagues say of a resource: favourites, ratings, comments. The part below its page comes by an address of its
own, which is a whole page for browsers without scripts.
"""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import current_actor, fragment, page_arg, page_before, signed_in
from blueprints.library import bp
from blueprints.library.voices_forms import CommentForm, CorrectionForm, RatingForm
from tongyan.library import services as library
from tongyan.library.models import Comment, Resource

PREFIXES: dict[type[Form], str] = {RatingForm: "rating", CommentForm: "comment", CorrectionForm: "correction"}


@bp.app_template_global()
def is_favourite(resource: Resource) -> bool:
    """Say whether a resource is among the person's favourites (they are read once for a page)."""
    if "favourite_ids" not in g:
        g.favourite_ids = library.favourite_ids(current_actor())
    return resource.id in g.favourite_ids


@bp.app_template_global()
def may_delete_comment(comment: Comment, resource: Resource) -> bool:
    """Say whether the person may take back a comment."""
    return library.may_delete(current_actor(), comment, resource)


@bp.get("/library/<uuid:resource_id>/voices")
@signed_in
def voices(resource_id: UUID) -> ResponseReturnValue:
    """Show what is said of a resource and done with it."""
    return voices_page(resource_id)


def voices_page(resource_id: UUID, refused: Form | None = None) -> Response:
    """Show the voices, with the form that was refused as it was filled in."""
    actor = current_actor()
    resource = library.get_resource(actor, resource_id)
    own = library.own_rating(actor, resource_id)
    forms: dict[type[Form], Form] = {
        RatingForm: RatingForm.of(own),
        CommentForm: CommentForm(prefix="comment"),
        CorrectionForm: CorrectionForm(prefix="correction").offer(resource),
    }
    if refused is not None:
        forms[type(refused)] = refused
    answers: dict[str, Any] = {f"{PREFIXES[kind]}_form": form for kind, form in forms.items()}
    return page(
        "library/_voices.html" if fragment() else "library/voices.html",
        refused or forms[CommentForm],
        resource=resource,
        own_rating=own,
        ratings=library.first_ratings(resource),
        comments=library.list_comments(actor, resource_id, page_arg()),
        corrections=library.open_corrections(resource),
        mended=library.past_corrections(resource),
        lessons=library.uses_of(actor, resource_id),
        terms=library.counts_by_term(actor, resource_id) if library.may_see_counts(actor, resource) else None,
        **answers,
    )


def back_to_voices(resource_id: UUID) -> ResponseReturnValue:
    """Go back to what is said of a resource."""
    return redirect(url_for(".voices", resource_id=resource_id))


@bp.post("/library/<uuid:resource_id>/favourite")
@signed_in
def favourite(resource_id: UUID) -> ResponseReturnValue:
    """Put a resource among the favourites, or take it out."""
    wanted = "keep" in request.form
    resource = library.keep_favourite(current_actor(), resource_id, wanted=wanted)
    if fragment():
        small = "small" in request.form
        return render_template("library/_star.html", resource=resource, starred=wanted, small=small)
    return redirect(page_before() or url_for(".show", resource_id=resource_id))


@bp.get("/library/<uuid:resource_id>/ratings")
@signed_in
def ratings(resource_id: UUID) -> ResponseReturnValue:
    """List all ratings of a resource."""
    actor = current_actor()
    found = library.list_ratings(actor, resource_id, page_arg())
    return render_template("library/ratings.html", resource=library.get_resource(actor, resource_id), page=found)


@bp.post("/library/<uuid:resource_id>/ratings")
@signed_in
def rate(resource_id: UUID) -> ResponseReturnValue:
    """Rate a resource, or change what one said."""
    form = RatingForm(prefix="rating")
    with refusals(form):
        library.rate(current_actor(), resource_id, form.stars.data or 0, form.reason.data or "")
        return back_to_voices(resource_id)
    return voices_page(resource_id, form)


@bp.post("/library/<uuid:resource_id>/ratings/remove")
@signed_in
def unrate(resource_id: UUID) -> ResponseReturnValue:
    """Take one's rating back."""
    library.remove_rating(current_actor(), resource_id)
    return back_to_voices(resource_id)


@bp.post("/library/<uuid:resource_id>/comments")
@signed_in
def comment(resource_id: UUID) -> ResponseReturnValue:
    """Say something about a resource."""
    form = CommentForm(prefix="comment")
    with refusals(form):
        library.add_comment(current_actor(), resource_id, form.text.data or "")
        return back_to_voices(resource_id)
    return voices_page(resource_id, form)


@bp.post("/library/comments/<uuid:comment_id>/delete")
@signed_in
def delete_comment(comment_id: UUID) -> ResponseReturnValue:
    """Take back a comment."""
    return back_to_voices(library.delete_comment(current_actor(), comment_id))


@bp.get("/library/<uuid:resource_id>/people")
@signed_in
def mentionable(resource_id: UUID) -> ResponseReturnValue:
    """Give, as data, who may be meant by the beginning of a name."""
    found = library.suggest(current_actor(), resource_id, request.args.get("q", ""))
    people = [{"written": each.written, "name": each.name, "schools": each.schools or ""} for each in found]
    return jsonify(ok=True, people=people)
