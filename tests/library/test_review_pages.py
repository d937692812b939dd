"""The pages of sharing, reviewing, versions and copies, as browsers meet them."""

import io
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import fresh
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.models import Licence, Resource, ResourceFile, ResourceState, Review, ReviewState
from tongyan.org.models import Group, School

Bring = Callable[..., ResourceFile]
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def draft(owner: Actor, ingested: Bring) -> Resource:
    """A draft that says all that sharing asks for."""
    resource = ingested("山行.txt", "远上寒山石径斜".encode()).resource
    edit = library.ResourceEdit(title="山行", kind=resource.kind, subject="语文", grade=3, licence=Licence.CC_BY)
    return library.edit_resource(owner, resource.id, edit)


@pytest.fixture
def shared_draft(cast: SimpleNamespace, owner: Actor, draft: Resource) -> Resource:
    """The same, open to the group."""
    return library.share_resource(owner, draft.id, group_key(cast.group_a.id))


def let_review(cast: SimpleNamespace) -> None:
    """Let school and group look first."""
    with transaction() as session:
        session.get_one(School, cast.core.id).reviews_resources = True
        session.get_one(Group, cast.group_a.id).reviews_resources = True


def waiting(resource: Resource) -> Review:
    """Return the review under way."""
    pending = select(Review).where(Review.resource_id == resource.id, Review.state == ReviewState.PENDING)
    db.session.rollback()  # what the browsers wrote since
    return db.session.scalars(pending).one()


def test_the_form_says_which_audiences_are_looked_at_first(
    cast: SimpleNamespace, sign_in: SignIn, draft: Resource
) -> None:
    web = sign_in(cast.owner)
    assert "（先审核）" not in web.get(f"/library/{draft.id}").text
    let_review(cast)
    options = re.findall(r"<option[^>]*>\s*([^<]+?)\s*</option>", web.get(f"/library/{draft.id}").text)
    assert options[:2] == ["清江教育集团（先审核）", "清江实验小学（先审核）"]


def test_a_resource_goes_from_the_form_through_the_reviewers_page_to_its_readers(
    cast: SimpleNamespace, sign_in: SignIn, draft: Resource
) -> None:
    let_review(cast)
    web, head = sign_in(cast.owner), sign_in(cast.head)
    sent = {"audience": school_key(cast.core.id), "licence": "cc-by", "note": "请看"}
    answer = web.post(f"/library/{draft.id}/share", data=sent, follow_redirects=True)
    assert "已提交审核" in answer.text
    assert "撤回审核" in answer.text

    review = waiting(draft)
    assert "“山行”等您审核" in head.get("/notices").text
    assert "1 份资源等您审核" in head.get("/").text
    listing = head.get("/library/reviews").text
    assert str(review.id) in listing
    page = head.get(f"/library/reviews/{review.id}").text
    assert "请看" in page
    assert "署名即可使用" in page
    refused = head.post(f"/library/reviews/{review.id}", data={"return": "1", "comment": ""})
    assert refused.status_code == 422
    assert "退回时请写明意见" in refused.text
    back = head.post(f"/library/reviews/{review.id}", data={"return": "1", "comment": "缺出处"}, follow_redirects=True)
    assert "已退回" in back.text
    assert "缺出处" in web.get(f"/library/{draft.id}").text
    web.post(f"/library/{draft.id}/share", data=sent)
    head.post(f"/library/reviews/{waiting(draft).id}", data={"approve": "1"})
    assert "校本资源" in sign_in(cast.colleague).get(f"/library/{draft.id}").text
    assert "没有等您审核的资源" in head.get("/library/reviews").text


def test_several_are_decided_at_once_and_what_cannot_be_says_why(
    cast: SimpleNamespace, sign_in: SignIn, owner: Actor, ingested: Bring
) -> None:
    let_review(cast)
    ids = []
    for name, subject in (("一.txt", "语文"), ("二.txt", "数学")):
        resource = ingested(name, name.encode()).resource
        edit = library.ResourceEdit(title=name, kind=resource.kind, subject=subject, licence=Licence.CC_BY)
        library.edit_resource(owner, resource.id, edit)
        library.share_resource(owner, resource.id, school_key(cast.core.id))
        ids.append(waiting(resource).id)
    head = sign_in(cast.head)
    only = head.get("/library/reviews?subject=数学").text
    assert (str(ids[0]) in only, str(ids[1]) in only) == (False, True)

    said = head.post("/library/reviews", data={"review": ids, "return": "1"}, follow_redirects=True).text
    assert said.count("退回时请写明意见") == 2
    done = head.post("/library/reviews", data={"review": [*ids, cast.core.id], "approve": "1"}, follow_redirects=True)
    assert "已处理 2 份资源" in done.text
    assert {fresh(Review, each).state for each in ids} == {ReviewState.APPROVED}


def test_several_drafts_are_sent_to_review_at_once(cast: SimpleNamespace, sign_in: SignIn, draft: Resource) -> None:
    let_review(cast)
    sent = {"resource": [draft.id], "audience": group_key(cast.group_a.id)}
    assert "1 份资源已提交审核" in sign_in(cast.owner).post("/library/share", data=sent, follow_redirects=True).text


def test_withdrawing_and_nominating_by_their_buttons(
    cast: SimpleNamespace, sign_in: SignIn, shared_draft: Resource
) -> None:
    web = sign_in(cast.owner)
    assert "申请列为集团资源" in web.get(f"/library/{shared_draft.id}").text
    assert "已提交审核" in web.post(f"/library/{shared_draft.id}/nominate", follow_redirects=True).text
    assert "没有提交" in web.post(f"/library/{shared_draft.id}/nominate", follow_redirects=True).text
    assert "已撤回" in web.post(f"/library/{shared_draft.id}/withdraw", follow_redirects=True).text


def test_schools_are_named_and_see_it(cast: SimpleNamespace, sign_in: SignIn, draft: Resource) -> None:
    web, near = sign_in(cast.owner), sign_in(cast.neighbour)
    assert "指定学校…" in web.get(f"/library/{draft.id}").text
    nobody = web.post(f"/library/{draft.id}/share", data={"audience": "schools", "licence": "cc-by"})
    assert nobody.status_code == 422
    foreign = {"audience": "schools", "schools": [cast.other.id], "licence": "cc-by"}
    assert web.post(f"/library/{draft.id}/share", data=foreign).status_code == 404
    assert near.get(f"/library/{draft.id}").status_code == 404

    sent = {"audience": "schools", "schools": [cast.rural.id], "licence": "cc-by"}
    shown = web.post(f"/library/{draft.id}/share", data=sent, follow_redirects=True).text
    assert "指定学校：" in shown
    assert near.get(f"/library/{draft.id}").status_code == 200
    assert sign_in(cast.colleague).get(f"/library/{draft.id}").status_code == 404


def test_a_new_version_by_the_buttons_and_the_old_one_beside_it(
    cast: SimpleNamespace, sign_in: SignIn, owner: Actor, shared_draft: Resource, ingested: Bring
) -> None:
    web, near = sign_in(cast.owner), sign_in(cast.neighbour)
    address = web.post(f"/library/{shared_draft.id}/revise").location
    page = web.get(address).text
    assert "的新版本草稿" in page
    assert "往这份资源里添加文件" in page
    draft = library.start_revision(owner, shared_draft.id)
    ingested("新.pdf", samples.pdf(2), resource_id=draft.id)
    assert "新版本正在准备" in web.get(f"/library/{shared_draft.id}").text
    done = web.post(f"{address}/share", data={"licence": "cc-by", "note": "加了练习"}, follow_redirects=True)
    assert "第 2 版" in done.text
    assert "加了练习" in near.get(f"/library/{shared_draft.id}").text

    listing = near.get(f"/library/{shared_draft.id}/versions").text
    assert "第 1 版" in listing
    assert "恢复这一版" not in listing
    assert "山行.txt" in near.get(f"/library/{shared_draft.id}/versions/1").text
    beside = near.get(f"/library/{shared_draft.id}/compare").text
    assert "新.pdf" in beside
    assert "没有这一页" in beside
    assert "没有差别" in near.get(f"/library/{shared_draft.id}/compare?old=2&new=2").text
    assert near.get(f"/library/{shared_draft.id}/compare?old=7").status_code == 404
    assert near.get(f"/library/{shared_draft.id}/versions/9").status_code == 404

    restored = web.post(f"/library/{shared_draft.id}/versions/1/restore", follow_redirects=True).text
    assert "复制成新版本的草稿" in restored
    again = web.post(f"/library/{shared_draft.id}/versions/1/restore", follow_redirects=True).text
    assert "已经有一份新版本在准备了" in again


def test_a_reviewer_sees_what_a_new_version_changes(
    cast: SimpleNamespace, sign_in: SignIn, owner: Actor, shared_draft: Resource
) -> None:
    let_review(cast)
    web = sign_in(cast.owner)
    page = web.get(f"/library/{shared_draft.id}").text
    assert "准备新版本" in page
    assert f"/library/{shared_draft.id}/edit" not in page
    draft = library.start_revision(owner, shared_draft.id)
    edit = library.ResourceEdit(
        title="山行 新", kind=draft.kind, subject="语文", grade=4, licence=Licence.CC_BY, keywords=["古诗", "秋天"]
    )
    library.edit_resource(owner, draft.id, edit)
    library.share_resource(owner, draft.id)
    shown = sign_in(cast.head).get(f"/library/reviews/{waiting(draft).id}").text
    assert "和第 1 版的差别" in shown
    assert "四年级" in shown
    assert "古诗、秋天" in shown
    assert "（空）" in shown


def test_a_copy_is_made_told_of_the_new_version_and_takes_it(
    cast: SimpleNamespace, sign_in: SignIn, owner: Actor, shared_draft: Resource
) -> None:
    near = sign_in(cast.neighbour)
    address = near.post(f"/library/{shared_draft.id}/copy").location
    assert "来自" in near.get(address).text
    draft = library.start_revision(owner, shared_draft.id)
    library.share_resource(owner, draft.id, note="改了错字")
    shown = near.get(address).text
    assert "有了第 2 版" in shown
    assert "改了错字" in shown
    assert "1 份复制的资源有新版本" in near.get("/").text
    assert "已采用新版本" in near.post(f"{address}/accept", follow_redirects=True).text
    assert "没有新版本了" in near.post(f"{address}/accept", follow_redirects=True).text
    assert "没有新版本了" in near.post(f"{address}/decline", follow_redirects=True).text

    another = near.post(f"/library/{shared_draft.id}/copy").location
    library.share_resource(owner, library.start_revision(owner, shared_draft.id).id)
    assert "保持不变" in near.post(f"{another}/decline", follow_redirects=True).text


def test_files_go_into_a_draft_without_scripts(cast: SimpleNamespace, sign_in: SignIn, draft: Resource) -> None:
    web = sign_in(cast.owner)
    sent = {"files": (io.BytesIO(b"more"), "补充.txt"), "resource": str(draft.id)}
    answer = web.post("/library/upload", data=sent)
    assert answer.location == f"/library/{draft.id}"
    assert sorted(file.name for file in fresh(Resource, draft.id).files) == ["山行.txt", "补充.txt"]


def test_a_closed_resource_says_so(cast: SimpleNamespace, sign_in: SignIn, shared_draft: Resource) -> None:
    with transaction() as session:
        session.get_one(Resource, shared_draft.id).state = ResourceState.TAKEN_DOWN
    page = sign_in(cast.owner).get(f"/library/{shared_draft.id}").text
    assert "已被下架" in page
    assert "分享给同事" not in page
    sent = {"audience": group_key(cast.group_a.id), "licence": "cc-by"}
    assert sign_in(cast.owner).post(f"/library/{shared_draft.id}/share", data=sent).status_code == 409
