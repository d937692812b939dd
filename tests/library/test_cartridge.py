"""Common Cartridge out and in: valid by the standard's rules, and equal when it comes back."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from lxml import etree

from tests.factories import fresh
from tests.library import moving, samples
from tongyan.accounts.models import Person
from tongyan.kernel.errors import Invalid
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.exchange.cartridge import CP
from tongyan.library.models import Licence, Resource, ResourceFile, ResourceKind, TransferKind

Ingest = Callable[..., ResourceFile]
Run = Callable[[], int]
SCHEMAS = Path(__file__).parent / "schemas"
KIND = TransferKind.EXPORT_CARTRIDGE
NS = {"cp": CP}


def manifest_of(archive: bytes) -> etree._Element:
    """Return the manifest of a cartridge, valid by the schema."""
    with zipfile.ZipFile(io.BytesIO(archive)) as container:
        tree = etree.fromstring(container.read("imsmanifest.xml"))
    etree.XMLSchema(file=str(SCHEMAS / "imscc13.xsd")).assertValid(tree)
    return tree


def without(archive: bytes, *names: str) -> bytes:
    """Return an archive without some entries, as another program would have made it."""
    source = zipfile.ZipFile(io.BytesIO(archive))
    with source:
        return samples.archive(*((name, source.read(name)) for name in source.namelist() if name not in names))


def test_a_package_taken_along_as_a_cartridge_comes_back_equal(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    package_id = moving.make_package(owner, ingested)
    before = moving.told(owner, package_id)
    archive = moving.export(owner, KIND, [package_id], run_jobs)
    transfer = moving.bring_back(owner, "三上古诗.imscc", archive, run_jobs)
    assert transfer.report["refused"] == []
    assert moving.told(owner, transfer.report["made"][0]) == before


def test_by_the_standard_alone_tree_titles_and_bytes_come_back(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    package_id = moving.make_package(owner, ingested)
    before = moving.told(owner, package_id)
    archive = without(moving.export(owner, KIND, [package_id], run_jobs), "manifest.json")
    transfer = moving.bring_back(owner, "三上古诗.imscc", archive, run_jobs)

    def plain(tree: list) -> list:
        return [(title, target and (target[0], target[-1]), plain(below)) for title, _note, target, below in tree]

    after = moving.told(owner, transfer.report["made"][0])
    assert after[0] == before[0]
    assert plain(after[2]) == plain(before[2])


def test_every_file_of_a_cartridge_is_declared_and_every_declared_file_is_there(
    owner: Actor, ingested: Ingest, run_jobs: Run
) -> None:
    archive = moving.export(owner, KIND, [moving.make_package(owner, ingested)], run_jobs)
    declared = manifest_of(archive).xpath("//cp:file/@href", namespaces=NS)
    assert sorted(declared) == sorted(name for name in moving.names_in(archive) if name != "imsmanifest.xml")
    assert len(set(declared)) == len(declared)


def test_the_manifest_says_title_licence_and_place_of_each_resource(
    owner: Actor, ingested: Ingest, run_jobs: Run
) -> None:
    archive = moving.export(owner, KIND, [moving.make_package(owner, ingested)], run_jobs)
    tree = manifest_of(archive)
    about = "".join(tree.find("cp:metadata", NS).itertext())
    said = "".join(tree.find("cp:resources", NS).itertext())
    assert "三上古诗" in about
    assert "creativecommons.org/licenses/by/4.0" in said
    assert "霜叶红于二月花" in said


def test_a_selection_is_ordered_by_its_places(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    files = [ingested(name, name.encode()) for name in ("甲.txt", "乙.txt", "丙.txt")]
    for file, subject, grade in zip(files, ("语文", "数学", None), (3, None, None), strict=True):
        edit = library.ResourceEdit(title=file.name, kind=ResourceKind.MATERIAL, subject=subject, grade=grade)
        library.edit_resource(owner, file.resource_id, edit)
    tree = manifest_of(moving.export(owner, KIND, [file.resource_id for file in files], run_jobs))
    titles = tree.xpath("//cp:organization//cp:title/text()", namespaces=NS)
    assert set(titles) == {"语文", "三年级", "数学", "未分学科", "甲.txt", "乙.txt", "丙.txt"}
    assert titles.index("三年级") == titles.index("语文") + 1
    assert titles.index("甲.txt") == titles.index("三年级") + 1


def test_of_a_package_only_what_its_reader_may_see_is_taken_along(
    owner: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor], ingested: Ingest, run_jobs: Run
) -> None:
    package_id = moving.make_package(owner, ingested)
    library.share_resource(owner, package_id, school_key(cast.core.id), Licence.CC_BY)
    colleague = actor(cast.colleague)
    tree = manifest_of(moving.export(colleague, KIND, [package_id], run_jobs))
    titles = tree.xpath("//cp:organization//cp:title/text()", namespaces=NS)
    assert titles == ["第二单元 古诗", "第三单元"]


def test_two_packages_stand_side_by_side(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    first, second = moving.make_package(owner, ingested), library.create_package(owner, "第二个课程包").id
    library.add_heading(owner, second, "开头")
    archive = moving.export(owner, KIND, [first, second], run_jobs)
    top = manifest_of(archive).xpath("//cp:organization/cp:item/cp:item/cp:title/text()", namespaces=NS)
    assert sorted(top) == ["三上古诗", "第二个课程包"]
    transfer = moving.bring_back(owner, "两个.imscc", archive, run_jobs)
    assert len(transfer.report["made"]) == 2


FOREIGN = """<?xml version="1.0"?>
<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1" identifier="m">
  <metadata><schema>IMS Common Cartridge</schema><schemaversion>1.1.0</schemaversion>{about}</metadata>
  <organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">{items}</item>
  </organization></organizations>
  <resources>{resources}</resources>
</manifest>"""


def foreign(items: str, resources: str, *entries: tuple[str, bytes], about: str = "") -> bytes:
    """Return a cartridge of another program."""
    manifest = FOREIGN.format(items=items, resources=resources, about=about)
    return samples.archive(("imsmanifest.xml", manifest.encode()), *entries)


def test_a_cartridge_of_another_program_is_understood(owner: Actor, run_jobs: Run) -> None:
    archive = foreign(
        '<item identifier="i1"><title>Unit 1</title><item identifier="i2" identifierref="r1"><title>Poem</title>'
        "</item></item>",
        '<resource identifier="r1" type="webcontent"><file href="a%20b.txt"/><file href="gone.txt"/></resource>'
        '<resource identifier="r2" type="imsqti_xmlv1p2"><file href="quiz.xml"/></resource>'
        '<resource identifier="r3" type="webcontent"><file href="a%20b.txt"/><file href="extra.txt"/></resource>',
        ("a b.txt", b"poem"), ("quiz.xml", b"<questestinterop/>"), ("extra.txt", b"more"),
    )  # fmt: skip
    transfer = moving.bring_back(owner, "course.imscc", archive, run_jobs)
    title, kind, tree = moving.told(owner, transfer.report["made"][0])
    assert (title, kind) == ("Poem", "package")
    assert [item[0] for item in tree] == ["Unit 1"]
    assert tree[0][3][0][2][0] == "Poem"
    assert tree[0][3][0][2][-1] == [("a b.txt", b"poem")]
    refused = dict(map(tuple, transfer.report["refused"]))
    assert refused == {"gone.txt": "file.lost", "quiz.xml": "file.type_refused"}
    assert transfer.report["files"] == 2  # a file named twice is brought once


def test_the_title_of_the_whole_and_an_item_at_the_top_are_understood(owner: Actor, run_jobs: Run) -> None:
    archive = foreign(
        "<title>Course</title>", "", about="<lom><general><title><string>The course</string></title></general></lom>"
    )
    transfer = moving.bring_back(owner, "c.imscc", archive, run_jobs)
    title, _kind, tree = moving.told(owner, transfer.report["made"][0])
    assert title == "The course"
    assert [item[0] for item in tree] == ["Course"]


DEEP = '<item identifier="x"><title>t</title>' * 20 + "</item>" * 20


@pytest.mark.parametrize(
    "archive",
    [
        samples.archive(("imsmanifest.xml", b"<manifest imsccv1p1 ")),
        samples.archive(("imsmanifest.xml", b'<!DOCTYPE m [<!ENTITY a "b">]><m>imsccv1p1 &a;</m>')),
        foreign(DEEP, "", ("a.txt", b"a")),
        samples.archive(
            ("manifest.json", b'{"format": "tongyan-resources", "resources": [{"id": "x"}]}'), ("a.txt", b"a")
        ),
    ],
    ids=["broken", "entities", "too deep", "ours, but broken"],
)
def test_a_manifest_that_cannot_be_read_brings_nothing(owner: Actor, archive: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        moving.check(owner, "x.imscc", archive)
    assert refusal.value.code == "transfer.manifest"


def test_scorm_is_not_unpacked(owner: Actor) -> None:
    scorm = b'<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"><resources/></manifest>'
    with pytest.raises(Invalid) as refusal:
        moving.check(owner, "scorm.zip", samples.archive(("imsmanifest.xml", scorm), ("index.html", b"<html>")))
    assert refusal.value.code == "transfer.scorm"


def test_what_is_deeper_than_we_show_stands_beside(owner: Actor, run_jobs: Run) -> None:
    items = "".join(f'<item identifier="i{n}"><title>{n}</title>' for n in range(6)) + "</item>" * 6
    transfer = moving.bring_back(owner, "deep.imscc", foreign(items, ""), run_jobs)
    tree, depth = moving.told(owner, transfer.report["made"][0])[2], 0
    while tree:
        tree, depth = tree[0][3], depth + 1
    assert depth == library.MAX_DEPTH if hasattr(library, "MAX_DEPTH") else depth == 4
    assert fresh(Resource, UUID(transfer.report["made"][0])).kind is ResourceKind.PACKAGE


def test_a_shared_package_goes_to_the_group_of_whoever_reads_it(
    owner: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor], ingested: Ingest, run_jobs: Run
) -> None:
    file = ingested("山行.txt", b"a")
    edit = library.ResourceEdit(title="山行", kind=ResourceKind.MATERIAL, subject="语文")
    library.edit_resource(owner, file.resource_id, edit)
    library.share_resource(owner, file.resource_id, group_key(cast.group_a.id), Licence.CC_BY)
    archive = moving.export(actor(cast.neighbour), KIND, [file.resource_id], run_jobs)
    assert any(name.endswith("山行/山行.txt") for name in moving.names_in(archive))
