"""What the search knows of a resource: its title, author, keywords and every word inside its files."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from search_index.documents import Document
from tongyan.kernel.db import db
from tongyan.kernel.permissions import user_key
from tongyan.kernel.search import Searchable, register_searchable
from tongyan.library.models import FileText, Resource, ResourceFile, ResourceState
from tongyan.library.services.listing import card

KIND = "resource"
MAX_BODY = 500_000  # characters of one resource; a schoolbook has half of that


def documents(ids: Sequence[UUID]) -> list[Document]:
    """Return the documents of these resources; what is in the trash or gone has none."""
    statement = select(Resource).where(Resource.id.in_(ids), Resource.state != ResourceState.TRASHED)
    resources = db.session.scalars(statement.options(joinedload(Resource.owner))).all()
    bodies = _bodies([resource.id for resource in resources])
    return [_document(resource, bodies.get(resource.id, "")) for resource in resources]


def all_ids() -> Iterable[UUID]:
    """Return the ids of everything that can be found."""
    findable = select(Resource.id).where(Resource.state != ResourceState.TRASHED)
    return db.session.scalars(findable.order_by(Resource.id).execution_options(yield_per=1000))


def _bodies(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the words of each resource's files, in their order."""
    words = (
        select(ResourceFile.resource_id, FileText.text)
        .join(FileText, FileText.file_id == ResourceFile.id)
        .where(ResourceFile.resource_id.in_(ids))
        .order_by(ResourceFile.resource_id, ResourceFile.position, ResourceFile.id, FileText.page)
    )
    pages: dict[UUID, list[str]] = {}
    for resource_id, text in db.session.execute(words):
        pages.setdefault(resource_id, []).append(text)
    return {resource_id: "\n".join(texts)[:MAX_BODY] for resource_id, texts in pages.items()}


def _document(resource: Resource, body: str) -> Document:
    facets = {
        "type": resource.kind.value,
        "subject": resource.subject or "",
        "grade": str(resource.grade or ""),
        "school": str(resource.school_id or ""),
        "licence": resource.licence.value if resource.licence else "",
    }
    return Document(
        id=f"{KIND}:{resource.id}",
        kind=KIND,
        title=resource.title,
        author=resource.owner.name,
        tags=tuple(resource.keywords),
        body="\n".join(part for part in (resource.summary, body) if part),
        audience=frozenset({resource.audience, user_key(resource.owner_id)}),
        facets={name: value for name, value in facets.items() if value},
        date=resource.published_at or resource.created_at,
    )


register_searchable(Searchable(KIND, Resource, documents, all_ids, tuple(card())))
