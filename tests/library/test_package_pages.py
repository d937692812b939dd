"""The pages of course packages: shelves, what is put where, and the editor, with scripts and without."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

from flask.testing import FlaskClient

from tests.factories import fresh
from tests.library.helpers_packages import HTMX, Acting, Make, make, outline, package, plant, publish, web
from tongyan.accounts.models import Person
from tongyan.kernel.permissions import Actor, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceState

__all__ = ["make", "package", "web"]  # fixtures


def test_the_shelves_have_pages(web: FlaskClient, package: Resource) -> None:
    assert package.title in web.get("/library/packages?shelf=mine").text
    for shelf, says in (("school", "学校还没有校本课程包"), ("group", "集团还没有精品课程包"), ("all", "还没有课程包")):
        assert says in web.get(f"/library/packages?shelf={shelf}").text


def test_a_package_is_made_with_what_was_chosen(web: FlaskClient, owner: Actor, make: Make) -> None:
    chosen = make("山行")
    assert str(chosen.id) in web.get(f"/library/packages/new?resource={chosen.id}").text
    refused = web.post("/library/packages/new", data={"title": "", "resource": str(chosen.id)})
    assert (refused.status_code, str(chosen.id) in refused.text) == (422, True)
    answer = web.post(
        "/library/packages/new", data={"title": "新的", "subject": "", "grade": "3", "resource": str(chosen.id)}
    )
    package_id = UUID(answer.location.split("/")[2])
    assert outline(owner, fresh(Resource, package_id)) == ["1 山行"]
    empty = web.post("/library/packages/new", data={"title": "空的", "subject": "", "grade": ""})
    assert outline(owner, fresh(Resource, UUID(empty.location.split("/")[2]))) == []


def test_a_resource_is_put_into_a_package_from_its_page(
    web: FlaskClient, owner: Actor, package: Resource, make: Make
) -> None:
    chosen = make("山行")
    assert f"/library/packages/add?resource={chosen.id}" in web.get(f"/library/{chosen.id}").text
    asked = web.get(f"/library/packages/add?resource={chosen.id}").text
    assert [chosen.title in asked, package.title in asked] == [True, True]
    for says in ("已加入 1 份资源", "没有重复添加"):
        sent = {"resource": str(chosen.id), "package": str(package.id)}
        assert says in web.post("/library/packages/add", data=sent, follow_redirects=True).text
    assert outline(owner, package) == ["1 山行"]
    new = web.post("/library/packages/add", data={"resource": str(chosen.id), "package": ""})
    assert new.location == f"/library/packages/new?resource={chosen.id}"
    ticked = web.post("/library/packages/add", data={"resource": str(chosen.id)})
    assert ticked.location == f"/library/packages/add?resource={chosen.id}", "from a list: into which?"
    assert "没有选中资源" in web.get("/library/packages/add").text


def test_the_page_of_a_package_shows_its_tree_and_leads_on(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], owner: Actor, package: Resource, make: Make
) -> None:
    one, two = make("山行课件"), make("山行教案")
    (heading,) = plant(owner, package, "山行")
    library.add_resources(owner, package.id, [one.id, two.id], heading.id)
    library.edit_item(owner, heading.id, "山行", "两课时")
    publish(package, school_key(cast.core.id))
    reader = sign_in(cast.colleague)

    page = reader.get(f"/library/{package.id}").text
    assert all(text in page for text in ("山行课件", "1.2", "两课时", f"/library/{one.id}?package={package.id}"))
    assert "/items" not in page, "who may not change it is not led to the editor"
    opened = reader.get(f"/library/{one.id}?package={package.id}").text
    assert re.search(rf'rel="next"\s+href="/library/{two.id}\?package={package.id}"', opened)
    assert 'rel="next"' not in reader.get(f"/library/{one.id}?package=nonsense").text


def test_an_empty_package_says_so(web: FlaskClient, package: Resource) -> None:
    assert "课程包还是空的" in web.get(f"/library/{package.id}").text
    assert "课程包还是空的" in web.get(f"/library/{package.id}/items").text


def test_the_editor_works_without_scripts(web: FlaskClient, owner: Actor, package: Resource, make: Make) -> None:
    base = f"/library/{package.id}/items"
    said = web.post(f"{base}/headings", data={"title": "一"}, follow_redirects=True).text
    assert "已添加标题“一”" in said
    (heading,) = library.package_tree(owner, fresh(Resource, package.id)).entries
    web.post(f"{base}/resources", data={"resource": str(make("件").id), "under": str(heading.item.id)})
    (entry,) = library.package_tree(owner, fresh(Resource, package.id)).entries[0].entries
    assert web.post(f"/library/items/{entry.item.id}/move", data={"to": "out"}).location == base
    web.post(f"/library/items/{entry.item.id}/edit", data={"title": "课件", "note": ""})
    assert outline(owner, package) == ["1 一", "2 课件"]

    removed = web.post(f"/library/items/{heading.item.id}/remove").text
    kept = re.search(r'name="removed"\s+value="([^"]+)"', removed)
    assert kept, "a page with the way back"
    assert web.post(f"{base}/restore", data={"removed": kept[1]}).location == base
    assert outline(owner, package) == ["1 一", "2 课件"]


def test_with_scripts_each_deed_is_answered_by_the_tree(web: FlaskClient, owner: Actor, package: Resource) -> None:
    one, two = plant(owner, package, "一", "二")
    answer = web.post(f"/library/items/{two.id}/move", data={"parent": "", "after": ""}, headers=HTMX)
    assert "<html" not in answer.text
    assert "已移动“二”" in answer.text
    back = dict(re.findall(r'name="(parent|after)"\s+value="([^"]*)"', answer.text))
    assert back == {"parent": "", "after": str(one.id)}
    web.post(f"/library/items/{two.id}/move", data=back, headers=HTMX)
    assert outline(owner, package) == ["1 一", "2 二"]
    assert "<html" not in web.get(f"/library/{package.id}/items", headers=HTMX).text


def test_a_move_that_does_not_fit_any_more_is_a_conflict(web: FlaskClient, owner: Actor, package: Resource) -> None:
    one, two = plant(owner, package, "一", "二")
    library.remove_item(owner, two.id)
    answer = web.post(f"/library/items/{one.id}/move", data={"parent": str(two.id)}, headers=HTMX)
    assert (answer.status_code, answer.json["code"]) == (409, "package.changed")


def test_a_move_to_nowhere_is_refused(web: FlaskClient, owner: Actor, package: Resource) -> None:
    _one, two = plant(owner, package, "一", "二")
    assert web.post(f"/library/items/{two.id}/move", headers=HTMX).status_code == 422
    assert outline(owner, package) == ["1 一", "2 二"]


def test_only_what_our_own_answer_removed_comes_back(web: FlaskClient, owner: Actor, package: Resource) -> None:
    (item,) = plant(owner, package, "一")
    removed = web.post(f"/library/items/{item.id}/remove", headers=HTMX).text
    kept = re.search(r'name="removed"\s+value="([^"]+)"', removed)
    assert kept
    other = library.create_package(owner, "别的")
    for package_id, text in ((package.id, "forged"), (other.id, kept[1])):
        answer = web.post(f"/library/{package_id}/items/restore", data={"removed": text}, headers=HTMX)
        assert (answer.status_code, answer.json["code"]) == (409, "package.undo_over")


def test_the_editor_finds_what_can_be_added(
    web: FlaskClient, owner: Actor, package: Resource, make: Make, run_jobs: Callable[[], int]
) -> None:
    make("枫叶课件")
    own = web.get(f"/library/{package.id}/items").text
    assert "枫叶课件" in own, "one's own are on offer before one searches"
    run_jobs()
    found = web.get(f"/library/{package.id}/items/search?q=枫叶", headers=HTMX).text
    assert ["枫叶课件" in found, package.title in found] == [True, False]
    assert "没有找到" in web.get(f"/library/{package.id}/items/search?q=没有这个词", headers=HTMX).text
    assert web.get(f"/library/{package.id}/items/search?q=a").location == f"/library/{package.id}/items?q=a"


def test_the_editor_says_what_others_will_not_see(
    cast: SimpleNamespace, web: FlaskClient, actor: Acting, package: Resource, make: Make
) -> None:
    owner = actor(cast.owner)
    theirs = make("同事的", owner_id=cast.colleague.id)
    draft = make("草稿", state=ResourceState.DRAFT, audience=user_key(cast.owner.id))
    library.add_resources(owner, package.id, [theirs.id, draft.id])
    library.unshare_resource(actor(cast.colleague), theirs.id)
    page = web.get(f"/library/{package.id}/items").text
    assert all(
        text in page for text in ("有 2 份资源，看得到课程包的人看不到它们", "您也看不到它了", "看课程包的人看不到")
    )
