"""Pages on which a school says which books it uses."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.errors import sentence
from blueprints.common.labels import grade_name
from blueprints.common.web import current_actor, signed_in
from blueprints.common.workbooks import workbook
from blueprints.curriculum import bp
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.services import SubjectRow
from tongyan.curriculum.terms import Term, parse_term, term_of
from tongyan.kernel.clock import today
from tongyan.kernel.errors import Invalid, NotFound

FIELD = "edition"  # edition-<subject>[/<grade>]


@bp.app_template_global()
def term_name(term: Term) -> str:
    """Return a term as a school says it."""
    half = _("第一学期") if term.half == 1 else _("第二学期")
    return str(_("%(year)s—%(next)s 学年%(half)s", year=term.year, next=term.year + 1, half=half))


def wanted() -> tuple[UUID, Term]:
    """Return the school and the term of the request: one's own and the present one when it names none."""
    school_id = request.values.get("school", type=UUID)
    if school_id is None:
        schools = curriculum.edition_schools(current_actor())
        if not schools:
            raise NotFound
        school_id = schools[0].id
    return school_id, parse_term(request.values.get("term", "")) or term_of(today())


@bp.get("/curriculum/editions")
@signed_in
def editions() -> ResponseReturnValue:
    """Show which editions a school uses in a term."""
    actor = current_actor()
    school_id, term = wanted()
    made = curriculum.terms_chosen(actor, school_id)
    return render_template(
        "curriculum/editions.html",
        sheet=curriculum.edition_sheet(actor, school_id, term),
        schools=curriculum.edition_schools(actor),
        terms=sorted({*curriculum.school_terms(), *made, term}, reverse=True),
        made=made,
        field=FIELD,
    )


@bp.post("/curriculum/editions")
@signed_in
def choose() -> ResponseReturnValue:
    """Set which editions a school uses from a term on."""
    school_id, term = wanted()
    try:
        curriculum.choose_editions(current_actor(), school_id, term, chosen())
        flash(_("已保存。老师们在资源里默认看到的就是这些版本。"), "success")
    except Invalid as error:
        flash(sentence(error.code, error.data), "warning")
    return redirect(url_for(".editions", school=school_id, term=str(term)))


def chosen() -> dict[tuple[UUID, int | None], UUID]:
    """Return what was chosen, by subject and grade; nonsense counts as an unknown edition."""
    found: dict[tuple[UUID, int | None], UUID] = {}
    for name, value in request.form.items():
        kind, _dash, rest = name.partition("-")
        if kind != FIELD or not value:
            continue
        subject, _dash, grade = rest.partition("/")
        try:
            found[UUID(subject), int(grade) if grade else None] = UUID(value)
        except ValueError as error:
            raise Invalid("curriculum.edition_unknown") from error
    return found


@bp.get("/curriculum/editions/export.xlsx")
@signed_in
def export_editions() -> ResponseReturnValue:
    """Give the choices of a school as a workbook."""
    school_id, term = wanted()
    sheet = curriculum.edition_sheet(current_actor(), school_id, term)
    headers = [_("学段"), _("学科"), _("年级"), _("版本"), _("出版社")]
    rows = [line for row in sheet.rows for line in _lines(row)]
    name = _("%(school)s教材版本 %(term)s", school=sheet.school.name, term=term_name(term))
    return workbook(_("教材版本"), headers, rows, name)


def _lines(row: SubjectRow) -> list[list[str]]:
    start = [row.stage.title, row.subject.title]
    if not row.chosen:
        return [[*start, "", "", ""]]
    chosen = sorted(row.chosen.items(), key=lambda item: item[0] or 0)
    return [
        [*start, grade_name(grade) or _("全部年级"), edition.title, edition.data.get("publisher", "")]
        for grade, edition in chosen
    ]
