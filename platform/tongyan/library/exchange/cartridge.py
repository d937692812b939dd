"""IMS Common Cartridge 1.3: every resource as web content with its metadata, and one organization of all of them.

Beside the manifest of the standard lies our own, declared as web content: other programs pass it over, and with it
nothing is lost on the way back.
"""

from collections.abc import Sequence
from typing import BinaryIO
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

from tongyan.library.exchange.folders import lay_out
from tongyan.library.exchange.packing import MANIFEST, Packer, Tell, manifest
from tongyan.library.exchange.parcels import Course, Parcel, Piece, Twig
from tongyan.library.metadata.xml import clean

IMS_MANIFEST = "imsmanifest.xml"
VERSION = "1.3.0"
CP = "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1"
LOM_MANIFEST = "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest"
LOM_RESOURCE = "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/resource"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = (
    f"{CP} http://www.imsglobal.org/profile/cc/ccv1p3/ccv1p3_imscp_v1p2_v1p0.xsd "
    f"{LOM_MANIFEST} http://www.imsglobal.org/profile/cc/ccv1p3/LOM/ccv1p3_lommanifest_v1p0.xsd "
    f"{LOM_RESOURCE} http://www.imsglobal.org/profile/cc/ccv1p3/LOM/ccv1p3_lomresource_v1p0.xsd"
)
WEB_CONTENT = "webcontent"
CONTENT = "content"  # the folder of all files, apart from the manifests

for _prefix, _name in (("", CP), ("lomm", LOM_MANIFEST), ("lomr", LOM_RESOURCE), ("xsi", XSI)):
    register_namespace(_prefix, _name)


def write(parcel: Parcel, target: BinaryIO, tell: Tell) -> None:
    """Write a parcel as a cartridge."""
    paths = lay_out(parcel, CONTENT)
    with Packer(target, tell) as packer:
        packer.add(IMS_MANIFEST, ims_manifest(parcel, paths))
        packer.add(MANIFEST, manifest(parcel, paths))
        for piece in parcel.pieces:
            for path, content in zip(paths[piece.id], piece.files, strict=True):
                packer.copy(path, content)


def ims_manifest(parcel: Parcel, paths: dict[UUID, list[str]]) -> bytes:
    """Return the manifest of the standard."""
    root = Element(f"{{{CP}}}manifest", {"identifier": "tongyan", f"{{{XSI}}}schemaLocation": SCHEMAS})
    head = _below(root, "metadata")
    _below(head, "schema", "IMS Common Cartridge")
    _below(head, "schemaversion", VERSION)
    head.append(_about(parcel))
    organizations = _below(root, "organizations")
    organization = _below(organizations, "organization", identifier="organization", structure="rooted-hierarchy")
    _Organization({piece.id for piece in parcel.pieces if piece.files}).plant(organization, tree_of(parcel))
    resources = _below(root, "resources")
    for piece in parcel.pieces:
        if piece.files:
            _resource(resources, piece, paths[piece.id])
    ours = _below(resources, "resource", identifier="manifest", type=WEB_CONTENT, href=MANIFEST)
    _below(ours, "file", href=MANIFEST)
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _below(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, f"{{{CP}}}{name}", attributes)
    child.text = None if text is None else clean(text)
    return child


def _about(parcel: Parcel) -> Element:
    """Return what the whole is: a course package says it itself, anything else has a title only."""
    own = {course.piece_id for course in parcel.courses}
    if len(parcel.courses) == 1:
        return _profiled(next(piece.lom for piece in parcel.pieces if piece.id in own), LOM_MANIFEST)
    lom = Element(f"{{{LOM_MANIFEST}}}lom")
    title = SubElement(SubElement(lom, f"{{{LOM_MANIFEST}}}general"), f"{{{LOM_MANIFEST}}}title")
    SubElement(title, f"{{{LOM_MANIFEST}}}string", language="zh").text = clean(parcel.title)
    return lom


def _profiled(lom: bytes, namespace: str) -> Element:
    """Return metadata in the namespace that the cartridge has for them."""
    tree = fromstring(lom)  # noqa: S314 # our own words
    for element in tree.iter():
        element.tag = f"{{{namespace}}}{element.tag.rpartition('}')[2]}"
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]  # where the schema of the plain form lies
    return tree


def tree_of(parcel: Parcel) -> list[Twig]:
    """Return the one tree of a parcel: that of its course package, or all by their places in the curriculum."""
    if len(parcel.courses) == 1 and len(parcel.pieces) == 1 + len(_inside(parcel.courses[0])):
        return parcel.courses[0].tree
    titles = {piece.id: piece.title for piece in parcel.pieces}
    courses = [Twig(titles[course.piece_id], below=course.tree) for course in parcel.courses]
    inside = {piece_id for course in parcel.courses for piece_id in {course.piece_id, *_inside(course)}}
    return courses + _by_place([piece for piece in parcel.pieces if piece.id not in inside])


def _inside(course: Course) -> set[UUID]:
    def targets(tree: Sequence[Twig]) -> set[UUID]:
        own = {twig.piece_id for twig in tree if twig.piece_id}
        return own.union(*(targets(twig.below) for twig in tree))

    return targets(course.tree) - {course.piece_id}


def _by_place(pieces: Sequence[Piece]) -> list[Twig]:
    top = Twig("")
    for piece in pieces:
        twig = top
        for step in piece.place:
            below = next((each for each in twig.below if each.title == step and each.piece_id is None), None)
            if below is None:
                below = Twig(step)
                twig.below.append(below)
            twig = below
        twig.below.append(Twig(piece.title, piece_id=piece.id))
    return top.below


class _Organization:
    """Writes a tree as items; every one has a number of its own."""

    def __init__(self, packed: set[UUID]) -> None:
        self._packed, self._number = packed, 0

    def plant(self, organization: Element, tree: Sequence[Twig]) -> None:
        """Put the tree below the one item without a title that the standard wants."""
        self._items(_below(organization, "item", identifier="root"), tree)

    def _items(self, parent: Element, tree: Sequence[Twig]) -> None:
        for twig in tree:
            self._number += 1
            item = _below(parent, "item", identifier=f"item{self._number}")
            if twig.piece_id in self._packed:
                item.set("identifierref", identifier(twig.piece_id))
            _below(item, "title", twig.title)
            self._items(item, twig.below)


def identifier(piece_id: UUID | None) -> str:
    """Return what a resource is called within the manifest."""
    return f"r{piece_id.hex}" if piece_id else ""


def _resource(resources: Element, piece: Piece, paths: Sequence[str]) -> None:
    resource = _below(resources, "resource", identifier=identifier(piece.id), type=WEB_CONTENT, href=paths[0])
    _below(resource, "metadata").append(_profiled(piece.lom, LOM_RESOURCE))
    for path in paths:
        _below(resource, "file", href=path)
