"""Dublin Core: a resource as the fifteen elements that every harvester reads (oai_dc)."""

from collections.abc import Iterator
from itertools import chain
from xml.etree.ElementTree import Element, register_namespace

from tongyan.library.metadata import terms
from tongyan.library.metadata.terms import Shown
from tongyan.library.metadata.xml import Maker
from tongyan.library.models import Resource

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"

register_namespace("dc", DC)
register_namespace("oai_dc", OAI_DC)


def oai_dc(resource: Resource, shown: Shown) -> Element:
    """Return a resource as an oai_dc element; what is not known is left out."""
    dc, root = Maker(DC), Maker(OAI_DC).root("dc")
    for name, text in chain(_content(resource), _people(resource), _instance(resource, shown)):
        dc.text(root, name, text)
    return root


def _content(resource: Resource) -> Iterator[tuple[str, str | None]]:
    yield "title", resource.title
    for subject in (resource.subject, *resource.keywords, *resource.domains, *resource.competencies):
        yield "subject", subject
    yield "description", resource.summary
    yield "type", terms.KINDS[resource.kind].words
    yield "type", resource.kind.value
    yield "coverage", " / ".join(terms.place(resource.node) if resource.node else terms.levels(resource))
    yield "source", resource.source
    yield "language", resource.language


def _people(resource: Resource) -> Iterator[tuple[str, str | None]]:
    yield "creator", resource.owner.name
    for name, role in terms.contributors(resource):
        yield "contributor", f"{name}（{role}）" if role else name
    for name in terms.publishers(resource):
        yield "publisher", name


def _instance(resource: Resource, shown: Shown) -> Iterator[tuple[str, str | None]]:
    yield "date", terms.moment(resource.published_at or resource.created_at)
    yield "identifier", shown.url
    yield "identifier", terms.urn(resource.id)
    for media_type in terms.formats(resource):
        yield "format", media_type
    for neighbour in (shown.based_on, shown.replaces, *shown.parts):
        yield "relation", terms.urn(neighbour) if neighbour else None
    yield "rights", terms.LICENCES[resource.licence] if resource.licence else None
