"""Who sees what: drafts are private, published ones open to their audience, and hidden looks like missing."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.models import Licence, Resource, ResourceFile, ResourceKind, ResourceState
from tongyan.library.services.trash import empty_trash

Bring = Callable[..., ResourceFile]
Shared = Callable[..., Resource]
Acting = Callable[[Person], Actor]
ROLES = ("owner", "colleague", "head", "group_head", "neighbour", "outsider", "former", "admin")


def seers(cast: SimpleNamespace, actor: Acting, resource: Resource) -> set[str]:
    """Return the roles that can open a resource; whoever cannot must not find it in a list either."""
    found = set()
    for role in ROLES:
        by = actor(getattr(cast, role))
        listed = resource.id in {row.id for row in library.list_resources(by).items}
        try:
            library.get_resource(by, resource.id)
        except NotFound:
            assert not listed
        else:
            found.add(role)
            assert listed or by.person_id == resource.owner_id
    return found


def complete(by: Actor, resource: Resource) -> None:
    """Fill in what sharing asks for."""
    edit = library.ResourceEdit(title=resource.title, kind=resource.kind, subject="chinese", licence=Licence.CC_BY)
    library.edit_resource(by, resource.id, edit)


def test_draft_is_its_owners_alone(cast: SimpleNamespace, actor: Acting, ingested: Bring) -> None:
    assert seers(cast, actor, ingested("a.txt", b"words").resource) == {"owner"}


def test_school_sees_what_is_shared_with_it(cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared) -> None:
    resource = shared(owner, school_key(cast.core.id))

    assert seers(cast, actor, resource) == {"owner", "colleague", "head", "group_head"}


def test_group_sees_what_is_shared_with_it_and_nobody_else(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared
) -> None:
    resource = shared(owner, group_key(cast.group_a.id))

    assert seers(cast, actor, resource) == {"owner", "colleague", "head", "group_head", "neighbour"}


def test_taking_back_closes_at_once(cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared) -> None:
    resource = shared(owner, group_key(cast.group_a.id))

    library.unshare_resource(owner, resource.id)

    assert seers(cast, actor, resource) == {"owner"}


def test_trash_hides_and_restoring_gives_back_a_draft(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared
) -> None:
    resource = shared(owner, group_key(cast.group_a.id))

    library.trash_resource(owner, resource.id)
    assert seers(cast, actor, resource) == {"owner"}
    assert library.list_resources(owner, library.Filters(trashed=True)).total == 1
    assert library.list_resources(owner, library.Filters(mine=True)).total == 0

    assert library.restore_resource(owner, resource.id).state is ResourceState.DRAFT
    assert empty_trash() == 0


def test_head_takes_down_what_the_own_school_sees_but_may_not_edit(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared
) -> None:
    resource = shared(owner, school_key(cast.core.id))

    with pytest.raises(Forbidden):
        library.unshare_resource(actor(cast.colleague), resource.id)
    with pytest.raises(Forbidden):
        library.trash_resource(actor(cast.head), resource.id)

    assert library.unshare_resource(actor(cast.head), resource.id).state is ResourceState.DRAFT


@pytest.mark.parametrize("role", ["neighbour", "outsider", "former", "admin"])
def test_hidden_is_missing_for_every_verb(
    cast: SimpleNamespace, actor: Acting, owner: Actor, shared: Shared, role: str
) -> None:
    resource = shared(owner, school_key(cast.core.id))
    by, file_id = actor(getattr(cast, role)), resource.files[0].id
    edit = library.ResourceEdit(title="x", kind=ResourceKind.EXAM)

    for door in (
        lambda: library.get_resource(by, resource.id),
        lambda: library.edit_resource(by, resource.id, edit),
        lambda: library.share_resource(by, resource.id, school_key(cast.core.id)),
        lambda: library.unshare_resource(by, resource.id),
        lambda: library.trash_resource(by, resource.id),
        lambda: library.restore_resource(by, resource.id),
        lambda: library.remove_file(by, file_id),
        lambda: library.retry_file(by, file_id),
        lambda: library.original(by, file_id),
        lambda: library.preview(by, file_id),
        lambda: library.page_image(by, file_id, 1),
        lambda: library.thumbnail(by, file_id),
        lambda: library.record_download(by, file_id),
    ):
        with pytest.raises(NotFound):
            door()


def test_sharing_waits_for_the_files(owner: Actor, cast: SimpleNamespace, bring: Bring) -> None:
    file = bring("a.txt", b"words")

    with pytest.raises(Conflict, match="resource.processing"):
        library.share_resource(owner, file.resource_id, school_key(cast.core.id))


def test_sharing_waits_for_the_upload(owner: Actor, cast: SimpleNamespace, ingested: Bring) -> None:
    resource = ingested("a.txt", b"words").resource
    complete(owner, resource)
    upload = library.start_upload(owner, "b.txt", 5, resource_id=resource.id)

    with pytest.raises(Conflict, match="resource.uploading"):
        library.share_resource(owner, resource.id, school_key(cast.core.id))
    library.cancel_upload(owner, upload.id)
    library.share_resource(owner, resource.id, school_key(cast.core.id))

    with pytest.raises(Conflict, match="resource.not_open"):
        library.start_upload(owner, "c.txt", 5, resource_id=resource.id)


def test_refused_file_must_go_before_sharing(owner: Actor, cast: SimpleNamespace, ingested: Bring) -> None:
    bad = ingested("a.pptx", samples.pptx()[:-2000])
    ingested("b.txt", b"words", resource_id=bad.resource_id)
    complete(owner, bad.resource)

    with pytest.raises(Conflict, match="resource.file_rejected"):
        library.share_resource(owner, bad.resource_id, school_key(cast.core.id))
    library.remove_file(owner, bad.id)
    db.session.expire_all()

    assert library.share_resource(owner, bad.resource_id, school_key(cast.core.id)).state is ResourceState.PUBLISHED


@pytest.mark.parametrize(
    ("licence", "fine"), [(None, False), (Licence.SCHOOL, False), (Licence.RESERVED, True), (Licence.CC0, True)]
)
def test_licence_is_needed_beyond_the_school(
    owner: Actor, cast: SimpleNamespace, ingested: Bring, licence: Licence | None, fine: bool
) -> None:
    resource = ingested("a.txt", b"words").resource
    edit = library.ResourceEdit(title="山行", kind=ResourceKind.EXAM, subject="chinese")
    library.edit_resource(owner, resource.id, edit)

    assert library.share_resource(owner, resource.id, school_key(cast.core.id)).licence is None
    if fine:
        assert library.share_resource(owner, resource.id, group_key(cast.group_a.id), licence).licence is licence
        return
    with pytest.raises(Invalid) as refused:
        library.share_resource(owner, resource.id, group_key(cast.group_a.id), licence)
    assert refused.value.errors == {"licence": ["resource.licence_needed"]}


def test_nobody_shares_into_a_foreign_school_or_group(owner: Actor, cast: SimpleNamespace, ingested: Bring) -> None:
    resource = ingested("a.txt", b"words").resource
    complete(owner, resource)

    for audience in (school_key(cast.rural.id), group_key(cast.group_b.id), "public", "nonsense"):
        with pytest.raises(Invalid) as refused:
            library.share_resource(owner, resource.id, audience, Licence.CC0)
        assert "audience" in refused.value.errors


def test_two_editors_do_not_overwrite_each_other(owner: Actor, ingested: Bring) -> None:
    resource = ingested("a.txt", b"words").resource
    seen = resource.version
    edit = library.ResourceEdit(title="山行", kind=ResourceKind.EXAM)
    library.edit_resource(owner, resource.id, edit, seen)

    with pytest.raises(Conflict, match="conflict.stale"):
        library.edit_resource(owner, resource.id, edit, seen)


def test_edit_names_every_wrong_field(owner: Actor, ingested: Bring) -> None:
    resource = ingested("a.txt", b"words").resource
    edit = library.ResourceEdit(title=" ", kind=ResourceKind.EXAM, summary="x" * 6000, keywords=["y"] * 30)

    with pytest.raises(Invalid) as refused:
        library.edit_resource(owner, resource.id, edit)

    assert set(refused.value.errors) == {"title", "summary", "keywords"}


def test_same_file_is_pointed_out_only_where_it_may_be_seen(
    owner: Actor, cast: SimpleNamespace, actor: Acting, ingested: Bring, shared: Shared
) -> None:
    open_one = shared(owner, group_key(cast.group_a.id), content=b"the same")
    shared(actor(cast.outsider), group_key(cast.group_b.id), content=b"the same")
    ingested("private.txt", b"the same", by=actor(cast.colleague))
    neighbour = actor(cast.neighbour)
    mine = ingested("again.txt", b"the same", by=neighbour)

    found = library.duplicates(neighbour, library.get_resource(neighbour, mine.resource_id))

    assert [resource.id for resource in found[mine.id]] == [open_one.id]


def test_desk_shows_what_waits(
    owner: Actor, cast: SimpleNamespace, actor: Acting, bring: Bring, shared: Shared
) -> None:
    shared(actor(cast.neighbour), group_key(cast.group_a.id))
    library.start_upload(owner, "cut.txt", 10)
    bring("a.txt", b"words")

    desk = library.desk(owner)

    assert (len(desk.drafts), len(desk.processing), len(desk.uploads), len(desk.recent)) == (1, 1, 1, 1)
    assert desk.used_bytes == 15
    assert {school.id for school in library.filter_schools(owner)} == {cast.core.id, cast.rural.id}


def test_filters_narrow_and_sorts_order(owner: Actor, cast: SimpleNamespace, shared: Shared) -> None:
    group = group_key(cast.group_a.id)
    first, second = shared(owner, group, "乙.txt"), shared(owner, group, "甲 50%.txt", b"other")

    def found(**values: object) -> list[object]:
        return [resource.id for resource in library.list_resources(owner, library.Filters(**values)).items]

    assert found() == found(subject="chinese", grade=3, school_id=cast.core.id, audience=group) == [second.id, first.id]
    assert found(sort="oldest") == [first.id, second.id]
    assert found(text="50%") == [second.id]
    assert found(text="%") == [second.id]
    assert found(subject="maths") == found(grade=4) == found(kind=ResourceKind.PACKAGE) == []
