"""Searches that people keep: saved from the page of results, run, renamed, told of and deleted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from blueprints.common.forms import Form, page, refusals
from blueprints.common.web import current_actor, signed_in
from blueprints.search import bp
from blueprints.search.saying import in_words
from blueprints.search.views import request_of_url
from tongyan.finding.models import SavedSearch
from tongyan.finding.services import saving
from tongyan.kernel.search import SearchRequest, Sort


class SavedForm(Form):
    """What a saved search is called, and whether its owner is told of news."""

    name = StringField(
        lazy_gettext("名称"),
        [InputRequired(lazy_gettext("请填写这一项。")), Length(max=saving.MAX_NAME)],
        render_kw={"autocomplete": "off"},
    )
    digest = BooleanField(lazy_gettext("有新的，每天早上告诉我"))


def query_of(asked: SearchRequest, **changes: Any) -> dict[str, Any]:
    """Return what stands in the URL of a search."""
    query = {"q": asked.text, "kind": list(asked.kinds), **asked.filters}
    if asked.within:
        query["within"] = asked.within
    if asked.sort is not Sort.RELEVANCE:
        query["sort"] = asked.sort.value
    return query | changes


@bp.app_template_global()
def saved_url(row: SavedSearch) -> str:
    """Return the address of a saved search."""
    return url_for("search.index", **query_of(saving.request_of(row)))


@bp.app_template_global()
def save_url() -> str:
    """Return the address at which the search of this page is saved."""
    return url_for("search.save", **query_of(request_of_url()))


@bp.app_template_global()
def saved_searches() -> Sequence[SavedSearch]:
    """Return the searches of whoever looks at the page."""
    return saving.list_saved(current_actor())


@bp.get("/search/saved")
@signed_in
def saved() -> ResponseReturnValue:
    """List the person's saved searches."""
    actor = current_actor()
    rows = saving.list_saved(actor)
    return render_template("search/saved.html", rows=rows, said=in_words(actor, rows), most=saving.MOST)


@bp.route("/search/saved/new", methods=["GET", "POST"])
@signed_in
def save() -> ResponseReturnValue:
    """Save the search in the URL under a name."""
    asked = request_of_url()
    form = SavedForm() if request.method == "POST" else SavedForm(name=asked.text[: saving.MAX_NAME])
    if form.validate_on_submit():
        with refusals(form):
            row = saving.save_search(current_actor(), form.name.data or "", asked, digest=form.digest.data)
            flash(_("已保存为“%(name)s”。", name=row.name), "success")
            return redirect(saved_url(row))
    return page("search/save.html", form, asked=asked, back=url_for(".index", **query_of(asked)))


@bp.route("/search/saved/<uuid:saved_id>", methods=["GET", "POST"])
@signed_in
def saved_edit(saved_id: UUID) -> ResponseReturnValue:
    """Give a saved search another name, and say whether to tell of news."""
    actor = current_actor()
    row = saving.get_saved(actor, saved_id)
    form = SavedForm() if request.method == "POST" else SavedForm(name=row.name, digest=row.digest)
    if form.validate_on_submit():
        with refusals(form):
            saving.change_saved(actor, saved_id, form.name.data or "", digest=form.digest.data)
            flash(_("已保存。"), "success")
            return redirect(url_for(".saved"))
    asked = saving.request_of(saving.get_saved(actor, saved_id))
    return page("search/save.html", form, asked=asked, back=url_for(".saved"))


@bp.post("/search/saved/<uuid:saved_id>/digest")
@signed_in
def saved_digest(saved_id: UUID) -> ResponseReturnValue:
    """Tell of news every morning, or no more."""
    on = request.form.get("on") == "1"
    row = saving.switch_digest(current_actor(), saved_id, on=on)
    said = _("“%(name)s”有新的，会在早上告诉您。", name=row.name) if on else _("不再提醒“%(name)s”。", name=row.name)
    flash(said, "success")
    return redirect(url_for(".saved"))


@bp.get("/search/saved/<uuid:saved_id>/news")
@signed_in
def saved_news(saved_id: UUID) -> ResponseReturnValue:
    """Go to what is new in a saved search: the search, newest first."""
    row = saving.look_at_news(current_actor(), saved_id)
    asked = saving.request_of(row)
    return redirect(url_for(".index", **query_of(asked, sort=Sort.NEWEST.value)))


@bp.post("/search/saved/<uuid:saved_id>/delete")
@signed_in
def saved_delete(saved_id: UUID) -> ResponseReturnValue:
    """Forget a saved search."""
    name = saving.delete_saved(current_actor(), saved_id)
    flash(_("已删除“%(name)s”。", name=name), "success")
    return redirect(url_for(".saved"))
