"""What is here already is told to who uploads: the same bytes, or nearly the same words, only of what they may see."""

from collections.abc import Callable
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import fresh
from tongyan.accounts.models import Person
from tongyan.kernel.permissions import Actor, group_key, user_key
from tongyan.library import services as library
from tongyan.library.fingerprint import LEAST, bands, joined, likeness, shingles
from tongyan.library.models import Resource, ResourceFile

Bring = Callable[..., ResourceFile]
Shared = Callable[..., Resource]
Acting = Callable[[Person], Actor]

# the third lesson of a fifth-grade book in other words, long enough to be judged
POEM = "".join(
    f"第{number}段：远上寒山石径斜，白云生处有人家；停车坐爱枫林晚，霜叶红于二月花。秋山第{number * 37}层。\n"
    for number in range(1, 30)
)


def test_nearly_the_same_words_in_other_bytes_are_told_with_how_much_is_common(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared, ingested: Bring
) -> None:
    first = shared(actor(cast.colleague), group_key(cast.group_a.id), content=POEM.encode())
    other = ingested("山行 改.txt", (POEM + "最后补一句自己的话。").encode())
    found = library.alike(owner, fresh(Resource, other.resource_id))

    assert [(near.resource.id, near.share > 0.9) for near in found[other.id]] == [(first.id, True)]
    assert library.duplicates(owner, fresh(Resource, other.resource_id)) == {}


def test_the_same_bytes_are_told_as_such_only(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared, ingested: Bring
) -> None:
    first = shared(actor(cast.colleague), group_key(cast.group_a.id), content=POEM.encode())
    same = ingested("另一个名字.txt", POEM.encode())
    resource = fresh(Resource, same.resource_id)

    assert [each.id for each in library.duplicates(owner, resource)[same.id]] == [first.id]
    assert library.alike(owner, resource) == {}


def test_nothing_is_told_of_what_is_hidden(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared, ingested: Bring
) -> None:
    shared(actor(cast.outsider), group_key(cast.group_b.id), content=POEM.encode())
    draft = ingested("别人的草稿.txt", (POEM + "甲").encode(), by=actor(cast.colleague))
    other = ingested("山行.txt", (POEM + "乙").encode())

    assert draft.resource.audience == user_key(cast.colleague.id)
    assert library.alike(owner, fresh(Resource, other.resource_id)) == {}


def test_other_words_and_short_ones_are_not_alike(owner: Actor, shared: Shared, ingested: Bring) -> None:
    ingested("一.txt", POEM.encode())
    ingested("短.txt", "远上寒山".encode())
    other = ingested(
        "二.txt", "".join(f"第{number}题：{number}加{number * 7}等于几？" for number in range(60)).encode()
    )
    short = ingested("短二.txt", "远上寒山石".encode())

    assert library.alike(owner, fresh(Resource, other.resource_id)) == {}
    assert library.alike(owner, fresh(Resource, short.resource_id)) == {}


def test_a_new_version_is_not_told_of_the_old_one(
    cast: SimpleNamespace, owner: Actor, shared: Shared, bring: Bring, run_jobs: Callable[[], int]
) -> None:
    first = shared(owner, group_key(cast.group_a.id), content=POEM.encode())
    draft = library.start_revision(owner, first.id)
    bring("改.txt", (POEM + "改").encode(), resource_id=draft.id)
    run_jobs()
    revised = fresh(Resource, draft.id)
    assert (library.alike(owner, revised), library.duplicates(owner, revised)) == ({}, {})
    library.share_resource(owner, draft.id)
    assert library.alike(owner, fresh(Resource, first.id)) == {}


@given(st.text(min_size=LEAST, max_size=400))
@settings(deadline=None)
def test_a_text_is_wholly_like_itself_however_it_is_spaced(text: str) -> None:
    spaced = " ".join(text)
    assert bands(text) == bands(spaced)
    if shingles(text).size:
        assert likeness(shingles(text), shingles(spaced)) == 1.0


def test_likeness_is_the_common_part_and_long_texts_are_cut() -> None:
    one, other = shingles(POEM), shingles(POEM[: len(POEM) // 2])
    assert 0.4 < likeness(one, other) < 0.6
    assert likeness(one, shingles("短")) == 0.0
    assert bands("短") == []
    assert joined(["甲" * 150_000, "乙" * 150_000, "丙"]).count("乙") == 50_000
    assert joined(["甲", "乙"]) == "甲\n乙"
