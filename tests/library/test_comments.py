"""Comments: plain text with @mentions; who is named is told, if they may see it at all."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.factories import LONG_AGO, appoint, fresh, make_person, make_school, post, save
from tests.library.voices import published, told
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import (
    PUBLIC,
    Actor,
    circle_key,
    partners_key,
    prep_group_key,
    region_key,
    school_key,
    user_key,
)
from tongyan.library import services as library
from tongyan.library.models import Comment, Resource, ResourceState
from tongyan.org.models import (
    CircleSchool,
    OfficeKind,
    Partnership,
    PrepGroup,
    PrepGroupMember,
    Region,
    RegionLevel,
    School,
)

Acting = Callable[[Person], Actor]
SignIn = Callable[[Person], FlaskClient]


def names(found: object) -> set[str]:
    """Return the names of who is offered."""
    return {person.name for person in found}  # type: ignore[attr-defined] # people of a suggestion


def test_a_comment_is_read_by_all_and_the_owner_is_told(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    answer = sign_in(cast.neighbour).post(f"/library/{resource.id}/comments", data={"comment-text": " 第二段\n可以删 "})
    assert answer.location == f"/library/{resource.id}/voices"
    assert told(cast.owner) == ["library.comment"]
    assert told(cast.neighbour) == []

    page = sign_in(cast.colleague).get(f"/library/{resource.id}/voices").text
    assert "第二段\n可以删" in page
    assert "戊老师" in page
    assert "戊老师 评论了“山行课件”。" in sign_in(cast.owner).get("/notices").text


def test_ones_own_comment_tells_nobody(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast)
    library.add_comment(actor(cast.owner), resource.id, "欢迎大家提意见 @甲老师")
    assert told(cast.owner) == []


def test_of_what_a_school_keeps_its_head_is_told(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, in_keeping=True)
    library.add_comment(actor(cast.neighbour), resource.id, "很好用")
    assert told(cast.head) == ["library.comment"]
    assert told(cast.owner) == []


@pytest.mark.parametrize("text", ["", "  \n ", "好" * 2001])
def test_a_comment_says_something_but_not_too_much(cast: SimpleNamespace, sign_in: SignIn, text: str) -> None:
    resource = published(cast)
    answer = sign_in(cast.colleague).post(f"/library/{resource.id}/comments", data={"comment-text": text})
    assert (answer.status_code, "请写 1 到 2000 个字" in answer.text) == (422, True)


def test_what_is_written_stays_text(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    library.add_comment(actor(cast.colleague), resource.id, "<img src=x onerror=alert(1)> http://example.org")
    page = sign_in(cast.owner).get(f"/library/{resource.id}/voices").text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    assert 'href="http://example.org' not in page


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("请@乙老师看看", ["colleague"]),
        ("@乙老师 @戊老师，@乙老师", ["colleague", "neighbour"]),
        ("@ 乙老师", []),
        ("写信到 a@b.com", []),
        ("@Anna和@Ann", ["ann"]),
        ("@Anna", []),
        ("@Ann Lee", ["ann"]),
        ("@己老师 在外地", []),
        ("@甲老师", ["owner"]),
        ("@丁总校长", ["group_head"]),
        ("@", []),
    ],
)
def test_who_is_named_is_told_as_far_as_they_see_it(
    cast: SimpleNamespace, actor: Acting, text: str, who: list[str]
) -> None:
    cast.ann = make_person("Ann")
    post(cast.ann, cast.rural)
    resource = published(cast)
    comment = library.add_comment(actor(cast.head), resource.id, text)
    people = vars(cast).items()
    named = [name for name, row in people if isinstance(row, Person) and "library.mention" in told(row)]
    assert sorted(named) == sorted(who)
    assert set(comment.mentions) == {str(getattr(cast, name).id) for name in who}
    assert told(cast.owner) == (["library.mention"] if "owner" in who else ["library.comment"])


def test_namesakes_are_told_apart_by_school(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource, here, there = published(cast), make_person("张伟"), make_person("张伟")
    post(here, cast.core)
    post(there, cast.rural)
    data = {"comment-text": "@张伟 您看呢"}
    answer = sign_in(cast.colleague).post(f"/library/{resource.id}/comments", data=data)
    assert answer.status_code == 422
    for way in (f"@张伟（{cast.core.short_name}）", f"@张伟（{cast.rural.short_name}）", "您看呢"):
        assert way in answer.text
    library.add_comment(actor(cast.colleague), resource.id, f"@张伟（{cast.rural.short_name}） 您看呢")
    assert (told(here), told(there)) == ([], ["library.mention"])
    with pytest.raises(Invalid):
        library.add_comment(actor(cast.colleague), resource.id, "@张伟（没有的学校）")

    found = library.suggest(actor(cast.colleague), resource.id, "张")
    assert {person.written for person in found} == {
        f"张伟（{cast.core.short_name}）",
        f"张伟（{cast.rural.short_name}）",
    }


def test_names_are_offered_as_one_types(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    browser, address = sign_in(cast.neighbour), f"/library/{resource.id}/people"
    assert browser.get(f"{address}?q=乙").json == {
        "ok": True,
        "people": [{"written": "乙老师", "name": "乙老师", "schools": cast.core.short_name}],
    }
    for nobody in ("", "戊", "己", "%", "管"):
        assert browser.get(f"{address}?q={nobody}").json["people"] == []


def region_of(cast: SimpleNamespace) -> str:
    """Put the core school into a town of a county, and give the county's audience."""
    county = save(Region(name="清江县", level=RegionLevel.COUNTY))
    town = save(Region(name="清江镇", level=RegionLevel.TOWN, parent_id=county.id))
    with transaction() as session:
        session.get_one(School, cast.core.id).region_id = town.id
    cast.officer = make_person("辛科长")
    appoint(cast.officer, OfficeKind.DISTRICT_OFFICER, region_key(county.id))
    return region_key(county.id)


def test_what_is_open_to_everybody_is_no_list_of_all_accounts(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, audience=PUBLIC)
    by = actor(cast.neighbour)
    assert names(library.suggest(by, resource.id, "乙")) == {"乙老师"}
    assert names(library.suggest(by, resource.id, "己")) == set()
    library.add_comment(actor(cast.outsider), resource.id, "外地也在用")
    assert names(library.suggest(by, resource.id, "己")) == {"己老师"}


def test_a_region_is_no_directory_either(cast: SimpleNamespace, actor: Acting) -> None:
    region = region_of(cast)
    with transaction() as session:
        for school in (cast.rural, cast.other):
            session.get_one(School, school.id).region_id = UUID(region.removeprefix("region:"))
    resource = published(cast, audience=region)
    assert region in actor(cast.outsider).keys
    assert names(library.suggest(actor(cast.neighbour), resource.id, "己")) == set()
    assert names(library.suggest(actor(cast.neighbour), resource.id, "乙")) == {"乙老师"}


def test_every_kind_of_audience_knows_its_people(cast: SimpleNamespace, actor: Acting) -> None:
    group = save(PrepGroup(scope=school_key(cast.core.id), name="语文组"))
    save(PrepGroupMember(prep_group_id=group.id, person_id=cast.colleague.id, from_on=LONG_AGO))
    circle_id = group.id
    save(CircleSchool(circle_id=circle_id, school_id=cast.core.id))
    ids = sorted([cast.group_a.id, cast.group_b.id])
    save(Partnership(group_id=ids[0], partner_id=ids[1], from_on=LONG_AGO))
    everybody = ("colleague", "head", "group_head", "neighbour", "outsider", "former", "admin", "officer")
    audiences = [
        school_key(cast.core.id),
        f"group:{cast.group_a.id}",
        prep_group_key(group.id),
        circle_key(circle_id),
        partners_key(cast.group_a.id),
        partners_key(cast.group_b.id),
        region_of(cast),
    ]
    for audience in audiences:
        resource = published(cast, audience=audience)
        for role in everybody:
            person = fresh(Person, getattr(cast, role).id)
            comment = library.add_comment(actor(cast.owner), published_to_owner(cast, resource), f"@{person.name}")
            sees = resource.audience in actor(person).keys
            assert (comment.mentions == [str(person.id)]) is sees, (audience, role)


def published_to_owner(cast: SimpleNamespace, resource: Resource) -> object:
    """Return the id of the owner's resource, on which the owner may comment whatever its audience."""
    assert resource.owner_id == cast.owner.id
    return resource.id


def test_a_draft_is_not_talked_about(cast: SimpleNamespace, actor: Acting) -> None:
    draft = published(cast, audience=user_key(cast.owner.id), state=ResourceState.DRAFT)
    with pytest.raises(Forbidden):
        library.add_comment(actor(cast.owner), draft.id, "自言自语")
    with pytest.raises(Forbidden):
        library.suggest(actor(cast.owner), draft.id, "乙")


def test_an_audience_of_one_reaches_that_one(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, audience=user_key(cast.colleague.id))
    assert names(library.suggest(actor(cast.owner), resource.id, "乙")) == {"乙老师"}


def test_who_wrote_it_takes_it_back_and_so_does_who_answers_for_it(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource = published(cast)
    for person in (cast.colleague, cast.owner, cast.head, cast.group_head):
        comment = library.add_comment(actor(cast.colleague), resource.id, "写错了 @戊老师")
        with pytest.raises(Forbidden):
            library.delete_comment(actor(cast.neighbour), comment.id)
        with pytest.raises(NotFound):
            library.delete_comment(actor(cast.outsider), comment.id)
        for _again in range(2):
            answer = sign_in(person).post(f"/library/comments/{comment.id}/delete")
            assert answer.location == f"/library/{resource.id}/voices"
        gone = fresh(Comment, comment.id)
        assert (gone.text, gone.mentions, gone.deleted_at is not None) == ("", [], True)
    page = sign_in(cast.neighbour).get(f"/library/{resource.id}/voices").text
    assert page.count("已删除") == 4
    assert "写错了" not in page
    with pytest.raises(NotFound):
        library.delete_comment(actor(cast.owner), resource.id)


def test_comments_come_in_pages_the_latest_first(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    for number in range(21):
        save(Comment(resource_id=resource.id, person_id=cast.colleague.id, text=f"第{number}条", created_at=now()))
    browser = sign_in(cast.owner)
    first = browser.get(f"/library/{resource.id}/voices").text
    assert "第20条" in first
    assert "第0条" not in first
    assert "第0条" in browser.get(f"/library/{resource.id}/voices?page=2").text
    assert "这一页没有内容" in browser.get(f"/library/{resource.id}/voices?page=3").text


def test_the_part_comes_alone_and_as_a_page(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    browser, address = sign_in(cast.colleague), f"/library/{resource.id}/voices"
    assert "<html" not in browser.get(address, headers={"HX-Request": "true"}).text
    assert "<html" in browser.get(address).text
    assert f'hx-get="{address}"' in browser.get(f"/library/{resource.id}").text


def test_a_school_that_closed_has_no_people(cast: SimpleNamespace, actor: Acting) -> None:
    closed = make_school("停办小学", active=False)
    post(cast.former, closed)
    resource = published(cast, audience=school_key(closed.id))
    assert names(library.suggest(actor(cast.owner), resource.id, "庚")) == set()
