"""What the search knows of the curriculum: every place in use, by its title and what leads to it."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from search_index.documents import Document
from tongyan.curriculum.models import Node
from tongyan.curriculum.services.tree import in_force, with_lines
from tongyan.kernel.db import db
from tongyan.kernel.permissions import PUBLIC, Actor, visible
from tongyan.kernel.searchables import Passage, Searchable, register_searchable

KIND = "node"


def documents(ids: Sequence[UUID]) -> list[Document]:
    """Return the documents of these places; what is out of use, or not yet in use, has none."""
    nodes = db.session.scalars(select(Node).where(Node.id.in_(ids), in_force())).all()
    return [_document(node, line) for node, line in with_lines(nodes)]


def _document(node: Node, line: str) -> Document:
    facets = {
        "stage": node.stage,
        "subject": node.subject,
        "grade": str(node.grade or ""),
        "edition": str(node.edition_id or ""),
    }
    return Document(
        id=f"{KIND}:{node.id}",
        kind=KIND,
        title=node.title,
        about=(line,) if line else (),
        audience=frozenset({PUBLIC}),
        facets={name: value for name, value in facets.items() if value},
    )


def all_ids() -> Iterable[UUID]:
    """Return the ids of everything in use today."""
    return db.session.scalars(select(Node.id).where(in_force()).order_by(Node.id))


def texts(_nodes: Sequence[Node]) -> Mapping[UUID, Sequence[Passage]]:
    """Return nothing: a title is all there is to read."""
    return {}


def lines(_actor: Actor, nodes: Sequence[Node]) -> Mapping[UUID, str]:
    """Return what leads to each place, for showing (one statement)."""
    return {node.id: line for node, line in with_lines(nodes)}


def findable(actor: Actor) -> ColumnElement[bool]:
    """Return the filter of what is found: who wants what is out of use walks the tree."""
    return visible(actor, Node) & in_force()


register_searchable(Searchable(KIND, Node, documents, all_ids, texts, is_name=True, visible=findable, more=lines))
