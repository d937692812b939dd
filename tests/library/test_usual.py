"""What is filled in beforehand when the path says little: what one teaches, and what lies in an archive."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.factories import LONG_AGO, save
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceFile, ResourceKind, ResourceState
from tongyan.library.peeking import MAX_TABLE, entry_names
from tongyan.org.models import Office, OfficeKind, PrepGroup, PrepGroupMember

ActorOf = Callable[[Person], Actor]
Said = tuple[str | None, str | None, int | None]


def had(person: Person, *places: Said, state: ResourceState = ResourceState.DRAFT) -> None:
    for stage, subject, grade in places:
        resource = Resource(
            title="x", kind=ResourceKind.EXAM, owner_id=person.id, audience=f"user:{person.id}", state=state,
            created_at=now(),
        )  # fmt: skip
        resource.put(None, stage, subject, grade)
        save(resource)


def said(actor: Actor, path: str = "随便.txt") -> Said:
    proposal = library.propose(actor, path)
    return proposal.stage, proposal.subject, proposal.grade


def test_a_path_that_says_nothing_means_what_one_brought_most_of_late(cast: SimpleNamespace, actor: ActorOf) -> None:
    me = actor(cast.owner)
    assert said(me) == (None, None, None)
    had(cast.owner, *[("primary", "语文", 3)] * 6, *[("primary", "数学", 4)] * 6, ("primary", "语文", 3))
    assert said(me) == ("primary", "数学", 4)  # of the latest ten
    had(cast.owner, *[("primary", "语文", 3)] * 20, state=ResourceState.TRASHED)
    had(cast.colleague, *[("primary", "英语", 5)] * 20)
    assert said(me) == ("primary", "数学", 4)


def test_what_a_path_says_is_never_mended(cast: SimpleNamespace, actor: ActorOf) -> None:
    had(cast.owner, ("primary", "数学", 4))
    me = actor(cast.owner)
    assert said(me, "五年级/随便.txt") == ("primary", "数学", 5)
    assert said(me, "数学/随便.txt") == ("primary", "数学", 4)
    assert said(me, "英语/随便.txt") == (None, "英语", None)
    assert said(me, "英语/三年级/随便.txt") == ("primary", "英语", 3)


def test_newcomers_bring_what_they_prepare_together_or_lead(cast: SimpleNamespace, actor: ActorOf) -> None:
    save(
        Office(
            person_id=cast.owner.id,
            kind=OfficeKind.SUBJECT_LEAD,
            scope=school_key(cast.core.id),
            subject="科学",
            from_on=LONG_AGO,
        )
    )
    assert said(actor(cast.owner)) == (None, "科学", None)
    group = save(PrepGroup(scope=school_key(cast.core.id), name="三年级语文", subject="语文", grade=3))
    save(PrepGroupMember(prep_group_id=group.id, person_id=cast.owner.id, from_on=LONG_AGO))
    assert said(actor(cast.owner)) == (None, "语文", 3)


@pytest.mark.parametrize(
    ("name", "entries", "kind"),
    [
        ("三上语文.zip", ("1/教案.docx", "1/山行.pptx", "2/习题.docx"), ResourceKind.PACKAGE),
        ("互动.zip", ("imsmanifest.xml", "index.html"), ResourceKind.COURSEWARE),
        ("图.zip", ("枫叶.jpg", "山.png", "鸟.mp3"), ResourceKind.MATERIAL),
        ("一份.zip", ("山行.pptx",), ResourceKind.COURSEWARE),
        ("一份.zip", ("试卷.docx",), ResourceKind.EXAM),
        ("套着.zip", ("里面.zip",), ResourceKind.PACKAGE),
        ("素材包.zip", ("教案.docx", "山行.pptx"), ResourceKind.MATERIAL),  # the name counts most
    ],
)
def test_an_archive_is_what_lies_in_it(
    bring: Callable[..., ResourceFile], name: str, entries: tuple[str, ...], kind: ResourceKind
) -> None:
    content = samples.archive(*((entry, b"x") for entry in entries))
    assert bring(name, content).resource.kind is kind


def test_an_archive_one_cannot_look_into_is_a_package(owner: Actor) -> None:
    assert library.propose(owner, "山行.zip").kind is ResourceKind.PACKAGE


def test_names_in_an_archive_are_read_whatever_wrote_them(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"before" + samples.archive(("山行/", b""), ("山行/教案.docx", b"x")))
    assert entry_names(file) == ["山行/教案.docx"]
    with zipfile.ZipFile(file, "w") as container:
        container.writestr("plan.docx", b"x")
    file.write_bytes(file.read_bytes().replace(b"plan.docx", "教案a".encode("gb18030").ljust(9, b"_")))
    assert entry_names(file) == ["教案a____"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06short"])
def test_what_is_no_archive_has_no_names(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(content)
    assert entry_names(file) == []


def test_a_table_of_contents_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    file, whole = tmp_path / "a.zip", io.BytesIO()
    with zipfile.ZipFile(whole, "w") as container:
        container.writestr("a.txt", b"x")
    claimed = bytearray(whole.getvalue())
    struct.pack_into("<I", claimed, len(claimed) - 10, MAX_TABLE + 1)
    file.write_bytes(claimed)
    assert entry_names(file) is None
    struct.pack_into("<I", claimed, len(claimed) - 10, MAX_TABLE)  # longer than the file: what there is, is read
    file.write_bytes(claimed)
    assert entry_names(file) == []
