"""Pages that show what there is for each lesson of a book, or each book of a subject, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.common.labels import label
from blueprints.common.web import current_actor, signed_in
from blueprints.common.workbooks import workbook
from blueprints.curriculum import bp
from blueprints.curriculum.views import IN_A_BOOK, view_of_request
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.services import Branch
from tongyan.library import services as library
from tongyan.library.models import ResourceKind
from tongyan.library.services import Cover


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the matrix: a place, what there is, how deep it lies, and whether nothing lies below it."""

    node: Node
    cover: Cover
    depth: int = 0
    leaf: bool = True


@dataclass(slots=True)
class Matrix:
    """A node with a row for each place below it; `by_book` counts lessons per book, else resources per lesson."""

    node: Node
    whole: Cover
    by_book: bool
    lines: list[Line] = field(default_factory=list)


def matrix_of(node: Node) -> Matrix:
    """Count what the person may open at a node and below it (three statements)."""
    actor = current_actor()
    branches = curriculum.all_below(actor, node, view_of_request(actor)[1])
    cover = library.cover_below(actor, node)
    library.count_lessons([Branch(node, branches)], cover)
    matrix = Matrix(node, cover[node.id], node.level not in IN_A_BOOK)
    last = Level.VOLUME if matrix.by_book else Level.LESSON
    matrix.lines.extend(_lines(branches or [Branch(node)], cover, last))
    return matrix


def _lines(branches: Sequence[Branch], cover: Any, last: Level, depth: int = 0) -> Iterator[Line]:
    for branch in branches:
        yield Line(branch.node, cover[branch.node.id], depth, branch.node.level is last or not branch.branches)
        if branch.node.level is not last:
            yield from _lines(branch.branches, cover, last, depth + 1)


@bp.get("/curriculum/<uuid:node_id>/coverage")
@signed_in
def coverage(node_id: UUID) -> ResponseReturnValue:
    """Show the matrix of a subject, edition or book; a stage is too wide for one."""
    node = curriculum.show_node(current_actor(), node_id)
    if node.level is Level.STAGE:
        return redirect(url_for(".index", node_id=node.id))
    return render_template(
        "curriculum/coverage.html",
        matrix=matrix_of(node),
        node=node,
        line=curriculum.node_line(node),
        kinds=list(ResourceKind),
        wanted=library.WANTED,
    )


@bp.get("/curriculum/<uuid:node_id>/coverage.xlsx")
@signed_in
def export_coverage(node_id: UUID) -> ResponseReturnValue:
    """Give the matrix as a workbook, down to the lessons."""
    node = curriculum.show_node(current_actor(), node_id)
    if node.level is Level.STAGE:
        return redirect(url_for(".index", node_id=node.id))
    actor = current_actor()
    branches = curriculum.all_below(actor, node, view_of_request(actor)[1])
    cover = library.cover_below(actor, node)
    steps = list(Level)[list(Level).index(node.level) + 1 :]
    headers = [*map(label, steps), *map(label, ResourceKind), _("合计")]
    name = _("%(place)s 资源覆盖", place=curriculum.place_name(node))
    rows = list(_rows(branches or [Branch(node)], cover, [], len(steps)))
    return workbook(_("资源覆盖"), headers, rows, name)


def _rows(branches: Sequence[Branch], cover: Any, above: list[str], width: int) -> Iterator[list[Any]]:
    for branch in branches:
        here, titles = cover[branch.node.id], [*above, branch.node.title][:width]
        numbers = [here.kinds[kind] for kind in ResourceKind]
        yield [*titles, *[""] * (width - len(titles)), *numbers, here.total]
        yield from _rows(branch.branches, cover, titles, width)
