"""IEEE LOM (1484.12.1, its XML binding 1484.12.3; GB/T 21365): a resource in nine groups.

Words of our own stand beside those of LOM with `SOURCE` as their source, so that nothing is lost where LOM is coarser.
"""

from datetime import datetime
from xml.etree.ElementTree import Element, register_namespace

from tongyan.library.metadata import terms
from tongyan.library.metadata.terms import LANGUAGE, Shown, Term
from tongyan.library.metadata.xml import Maker
from tongyan.library.models import ForWhom, Licence, Resource, ResourceKind, ResourceState

LOM = "http://ltsc.ieee.org/xsd/LOM"
VOCABULARY, SOURCE = "LOMv1.0", "Tongyan"
FRAGMENT, LESSON, COURSE = "1", "2", "3"  # 1.8 aggregation level
CLOSED = {ResourceState.TRASHED, ResourceState.TAKEN_DOWN}

register_namespace("lom", LOM)


def lom(resource: Resource, shown: Shown, namespace: str = LOM) -> Element:
    """Return a resource as a LOM element; packages bind the same elements under a namespace of their own."""
    return _Writer(resource, shown, namespace).write()


class _Writer:
    def __init__(self, resource: Resource, shown: Shown, namespace: str) -> None:
        self._resource, self._shown = resource, shown
        self._xml = Maker(namespace)
        self._root = self._xml.root("lom")

    def write(self) -> Element:
        for group in (
            self._general,
            self._life_cycle,
            self._meta_metadata,
            self._technical,
            self._educational,
            self._rights,
            self._relation,
            self._annotation,
            self._classification,
        ):
            group()
        return self._root

    def _general(self) -> None:
        resource, group = self._resource, self._xml.group(self._root, "general")
        self._identifier(group, "URI", terms.urn(resource.id))
        self._words(group, "title", resource.title, resource.language)
        self._xml.text(group, "language", resource.language)
        self._words(group, "description", resource.summary, resource.language)
        for keyword in resource.keywords:
            self._words(group, "keyword", keyword, resource.language)
        self._term(group, "structure", self._structure())
        self._term(group, "aggregationLevel", self._aggregation())

    def _structure(self) -> str:
        if self._resource.kind is ResourceKind.PACKAGE:
            return "hierarchical"
        return "collection" if len(self._resource.files) > 1 else "atomic"

    def _aggregation(self) -> str:
        return {ResourceKind.PACKAGE: COURSE, ResourceKind.MATERIAL: FRAGMENT}.get(self._resource.kind, LESSON)

    def _life_cycle(self) -> None:
        resource, group = self._resource, self._xml.group(self._root, "lifeCycle")
        self._words(group, "version", str(resource.number))
        self._term(group, "status", self._status())
        self._contribute(group, "author", resource.owner.name, resource.created_at)
        for name, role in terms.contributors(resource):
            self._contribute(group, role or "unknown", name, None, SOURCE if role else VOCABULARY)
        for name in terms.publishers(resource):
            self._contribute(group, "publisher", name, resource.published_at)
        if resource.reviewed_at:
            self._contribute(group, "validator", "", resource.reviewed_at)

    def _status(self) -> str:
        if self._resource.state in CLOSED:
            return "unavailable"
        if self._resource.state is ResourceState.DRAFT:
            return "draft"
        return "revised" if self._resource.number > 1 else "final"

    def _meta_metadata(self) -> None:
        group = self._xml.group(self._root, "metaMetadata")
        self._contribute(group, "creator", self._resource.owner.name, self._resource.updated_at)
        self._xml.text(group, "metadataSchema", VOCABULARY)
        self._xml.text(group, "language", LANGUAGE)

    def _technical(self) -> None:
        resource, group = self._resource, self._xml.group(self._root, "technical")
        for media_type in terms.formats(resource):
            self._xml.text(group, "format", media_type)
        if resource.files:
            self._xml.text(group, "size", str(sum(file.size for file in resource.files)))
        for address in (self._shown.url, *map(self._shown.address_of, resource.files)):
            self._xml.text(group, "location", address)
        playing = sum(file.duration or 0 for file in resource.files)
        if playing:
            self._duration(group, "duration", terms.seconds(playing))

    def _educational(self) -> None:
        resource, group = self._resource, self._xml.group(self._root, "educational")
        self._both(group, "learningResourceType", terms.KINDS[resource.kind], resource.kind.value)
        for role in resource.for_whom:
            self._both(group, "intendedEndUserRole", terms.ROLES[ForWhom(role)], role)
        self._term(group, "context", "school")
        self._words(group, "typicalAgeRange", terms.ages(resource))
        if resource.difficulty:
            self._term(group, "difficulty", terms.DIFFICULTIES[resource.difficulty].lom)
        self._duration(group, "typicalLearningTime", terms.learning_time(resource))
        self._xml.text(group, "language", resource.language)

    def _rights(self) -> None:
        resource, group = self._resource, self._xml.group(self._root, "rights")
        self._term(group, "cost", "no")
        self._term(group, "copyrightAndOtherRestrictions", "no" if resource.licence is Licence.CC0 else "yes")
        licence = terms.LICENCES[resource.licence] if resource.licence else ""
        self._words(group, "description", "\n".join(text for text in (licence, resource.source) if text))

    def _relation(self) -> None:
        shown = self._shown
        related = [("isbasedon", shown.based_on, VOCABULARY), ("replaces", shown.replaces, SOURCE)]
        related += [("haspart", part, VOCABULARY) for part in shown.parts]
        for kind, neighbour, source in related:
            if neighbour is not None:
                group = self._xml.group(self._root, "relation")
                self._term(group, "kind", kind, source)
                self._identifier(self._xml.group(group, "resource"), "URI", terms.urn(neighbour))

    def _annotation(self) -> None:
        tally = self._resource.tally
        if tally is not None and tally.stars is not None:
            group = self._xml.group(self._root, "annotation")
            said = f"{tally.rating_count} 人评分，平均 {tally.stars:.1f} 星（满分 5 星）"
            self._words(group, "description", said)

    def _classification(self) -> None:
        resource = self._resource
        if resource.subject:
            self._class("discipline", "学科", [resource.subject])
        if terms.levels(resource):
            self._class("educational level", "学段年级", terms.levels(resource))
        if resource.node is not None:
            self._class("idea", "教材目录", terms.place(resource.node), terms.urn(resource.node.id))
        for domain in resource.domains:
            self._class("educational objective", "课程标准·内容领域", [domain])
        for competency in resource.competencies:
            self._class("competency", "课程标准·核心素养", [competency])

    def _class(self, purpose: str, source: str, path: list[str], last_id: str = "") -> None:
        """Add a taxon path; `last_id` is the id of its end."""
        group = self._xml.group(self._root, "classification")
        self._term(group, "purpose", purpose)
        taxon_path = self._xml.group(group, "taxonPath")
        self._words(taxon_path, "source", source)
        for step in path:
            taxon = self._xml.group(taxon_path, "taxon")
            self._xml.text(taxon, "id", last_id if step == path[-1] else None)
            self._words(taxon, "entry", step)

    def _identifier(self, group: Element, catalog: str, entry: str) -> None:
        identifier = self._xml.group(group, "identifier")
        self._xml.text(identifier, "catalog", catalog)
        self._xml.text(identifier, "entry", entry)

    def _words(self, group: Element, name: str, text: str, language: str = LANGUAGE) -> None:
        """Add a text that says in which language it is; nothing without a text."""
        if text.strip():
            self._xml.text(self._xml.group(group, name), "string", text, language=language)

    def _term(self, group: Element, name: str, value: str, source: str = VOCABULARY) -> None:
        term = self._xml.group(group, name)
        self._xml.text(term, "source", source)
        self._xml.text(term, "value", value)

    def _both(self, group: Element, name: str, term: Term, ours: str) -> None:
        """Add LOM's word, where it has one, and ours."""
        if term.lom:
            self._term(group, name, term.lom)
        self._term(group, name, ours, SOURCE)

    def _duration(self, group: Element, name: str, duration: str) -> None:
        if duration:
            self._xml.text(self._xml.group(group, name), "duration", duration)

    def _contribute(self, group: Element, role: str, name: str, at: datetime | None, source: str = VOCABULARY) -> None:
        contribute = self._xml.group(group, "contribute")
        self._term(contribute, "role", role, source)
        self._xml.text(contribute, "entity", _card(name) if name else None)
        if at is not None:
            self._xml.text(self._xml.group(contribute, "date"), "dateTime", terms.moment(at))


def _card(name: str) -> str:
    """Return a name as a visiting card (vCard 3.0), its lines ended as XML ends lines."""
    said = name.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")
    return f"BEGIN:VCARD\nVERSION:3.0\nN:{said};;;;\nFN:{said}\nEND:VCARD"
