"""What the search knows of a resource: its title, author, keywords and every word inside its files."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from search_index.analysis import MAX_TEXT
from search_index.documents import Document
from tongyan.accounts.addressing import addressed
from tongyan.curriculum.models import Node
from tongyan.curriculum.names import GRADES
from tongyan.kernel.db import db
from tongyan.kernel.permissions import user_key
from tongyan.kernel.searchables import Passage, Searchable, register_searchable, text_of
from tongyan.library.metadata.terms import KINDS, STAGES
from tongyan.library.models import FileText, Resource, ResourceFile, ResourceKind, ResourceState
from tongyan.library.services.listing import card
from tongyan.library.services.packages import titles_of
from tongyan.library.worth import quality, uses
from tongyan.org.models import School

KIND = "resource"
CLOSED = (ResourceState.TRASHED, ResourceState.TAKEN_DOWN)
FINDABLE = (Resource.state.not_in(CLOSED), Resource.revises_id.is_(None))  # a new version is found once it is out


class Leaf(NamedTuple):
    """Where a text stands: a page, slide or sheet of a file."""

    file_id: UUID
    page: int


def documents(ids: Sequence[UUID]) -> list[Document]:
    """Return the documents of these resources; what is in the trash, taken down or gone has none."""
    statement = select(Resource).where(Resource.id.in_(ids), *FINDABLE)
    resources = db.session.scalars(
        statement.options(
            joinedload(Resource.owner),
            joinedload(Resource.school),
            joinedload(Resource.node),
            joinedload(Resource.tally),
        )
    ).all()
    bodies = texts(resources)
    return [_document(resource, text_of(bodies[resource.id])[:MAX_TEXT]) for resource in resources]


def all_ids() -> Iterable[UUID]:
    """Return the ids of everything that can be found."""
    findable = select(Resource.id).where(*FINDABLE)
    return db.session.scalars(findable.order_by(Resource.id).execution_options(yield_per=1000))


def texts(resources: Sequence[Resource]) -> Mapping[UUID, Sequence[Passage]]:
    """Return the summary of each resource, the headings and titles in a package, and the pages of its files."""
    ids = [resource.id for resource in resources]
    words = (
        select(ResourceFile.resource_id, ResourceFile.page_count, FileText.file_id, FileText.page, FileText.text)
        .join(FileText, FileText.file_id == ResourceFile.id)
        .where(ResourceFile.resource_id.in_(ids), ResourceFile.version_id.is_(None))
        .order_by(ResourceFile.resource_id, ResourceFile.position, ResourceFile.id, FileText.page)
    )
    found = {resource.id: [Passage(resource.summary)] if resource.summary else [] for resource in resources}
    packages = [resource for resource in resources if resource.kind is ResourceKind.PACKAGE]
    for package_id, titles in titles_of(packages).items() if packages else ():
        found[package_id] += map(Passage, titles)
    rows = db.session.execute(words).all()
    pages = Counter(row.file_id for row in rows)
    for row in rows:
        unpaged = pages[row.file_id] == 1 < (row.page_count or 1)  # a .docx: its text does not know where pages end
        found[row.resource_id].append(Passage(row.text, None if unpaged else Leaf(row.file_id, row.page)))
    return found


def edition_names(ids: Iterable[str]) -> dict[str, str]:
    """Return the names of editions by the codes of the facet "edition"; several subjects have one of the same title."""
    wanted = select(Node).where(Node.id.in_([UUID(each) for each in ids]))
    return {
        str(node.id): f"{STAGES.get(node.stage, '')}{node.subject} {node.title}" for node in db.session.scalars(wanted)
    }


def school_names(ids: Iterable[str]) -> dict[str, str]:
    """Return the names of schools by the codes of the facet "school"."""
    wanted = select(School.id, School.name).where(School.id.in_([UUID(each) for each in ids]))
    return {str(school_id): name for school_id, name in db.session.execute(wanted)}


def _document(resource: Resource, body: str) -> Document:
    facets = {
        "type": resource.kind.value,
        "subject": resource.subject or "",
        "grade": str(resource.grade or ""),
        "edition": str(resource.edition_id or ""),
        "stage": resource.stage or "",
        "school": str(resource.school_id or ""),
        "licence": resource.licence.value if resource.licence else "",
    }
    own = user_key(resource.owner_id)
    return Document(
        id=f"{KIND}:{resource.id}",
        kind=KIND,
        title=resource.title,
        author="、".join([resource.owner.name, *(each["name"] for each in resource.contributors)]),
        tags=tuple(resource.keywords),
        about=_about(resource),
        body=body,
        audience=frozenset({resource.audience, own} if resource.state is ResourceState.PUBLISHED else {own}),
        facets={name: value for name, value in facets.items() if value},
        date=resource.published_at or resource.created_at,
        quality=quality(resource),
        uses=uses(resource),
    )


def _about(resource: Resource) -> tuple[str, ...]:
    """Return what a resource is, where it belongs and who made it, as one says it: 三年级数学课件, 张老师."""
    grade = GRADES[resource.grade - 1] if resource.grade else ""
    book = (resource.node.edition, resource.node.volume, resource.node.title) if resource.node else ()
    school = resource.school.name if resource.school else ""
    names = (KINDS[resource.kind].words, grade, resource.subject, *book, school, addressed(resource.owner.name))
    return tuple(words for words in names if words)


register_searchable(Searchable(KIND, Resource, documents, all_ids, texts, tuple(card()), findable=FINDABLE))
