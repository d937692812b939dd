"""Packages in order by hand and by keyboard, links that strangers open, lessons that cannot get out of their frame."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Guest, Site
from tests.browser.hands import wait_until
from tongyan.accounts.models import Person
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Resource
from tongyan.org.actors import actor_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("package"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session"),
]

Visit = Callable[..., Guest]


def by(site: Site, role: str) -> Actor:
    """Return somebody as an actor (within an application context)."""
    return actor_for(db.session.get_one(Person, site.world.person[role]))


@pytest.fixture
def package(site: Site) -> UUID:
    """Give a package of the owner's: two headings, a resource in the first."""
    with site.app.app_context():
        owner = by(site, "owner")
        package = library.create_package(owner, "整理练习", "语文", 3)
        first = library.add_heading(owner, package.id, "第一课")
        library.add_heading(owner, package.id, "第二课")
        library.add_resources(owner, package.id, site.world.shared[:1], first.id)
        return package.id


def outline(site: Site, package_id: UUID) -> list[str]:
    """Return the tree as the server knows it."""
    with site.app.app_context():
        tree = library.package_tree(by(site, "owner"), db.session.get_one(Resource, package_id))
        return [f"{entry.number} {entry.item.title}" for entry in tree.walk()]


def twig(page: Page, title: str) -> Locator:
    """Return the line of an item."""
    return page.locator(".line", has=page.locator(".what", has_text=title)).first


def open_editor(visit: Visit, package: UUID) -> Page:
    """Open the editor and wait until handles can be grabbed."""
    page = visit("owner", reduced_motion="reduce").go(f"/library/{package}/items")
    twig(page, "第一课").locator(".grip").wait_for()
    return page


def test_items_are_moved_by_keyboard_and_the_focus_stays(site: Site, visit: Visit, package: UUID) -> None:
    page = open_editor(visit, package)
    grip = twig(page, "第二课").locator(".grip")
    grip.focus()
    page.keyboard.press("Alt+ArrowUp")
    wait_until(lambda: outline(site, package) == ["1 第二课", "2 第一课", "2.1 望庐山瀑布"])
    expect(page.locator("#said")).to_have_text("已移动“第二课”。")
    expect(grip).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    wait_until(lambda: outline(site, package)[0] == "1 第一课")
    expect(grip).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    wait_until(lambda: outline(site, package) == ["1 第一课", "1.1 望庐山瀑布", "1.2 第二课"])
    expect(grip).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Alt+ArrowDown")  # while the answer to the one before may be on its way
    expect(page.locator("#said")).to_have_text("不能再往那边移了。")
    assert outline(site, package) == ["1 第一课", "1.1 望庐山瀑布", "2 第二课"]


def test_an_item_is_dragged_below_a_heading_and_back_by_undo(site: Site, visit: Visit, package: UUID) -> None:
    page = open_editor(visit, package)
    before = outline(site, package)
    grip = twig(page, "望庐山瀑布").locator(".grip").bounding_box()
    assert grip
    page.mouse.move(grip["x"] + 10, grip["y"] + 10)
    page.mouse.down()

    def carried() -> bool:
        """Carry it on to where the list below the heading is now: lines move while one drags."""
        goal = twig(page, "第二课").bounding_box()
        assert goal
        page.mouse.move(goal["x"] + 80, goal["y"] + goal["height"] + 8, steps=8)
        return page.locator(".twig", has=twig(page, "第二课")).locator(".twig", has_text="望庐山瀑布").count() > 0

    wait_until(carried)
    page.mouse.up()
    wait_until(lambda: outline(site, package) != before)
    assert outline(site, package) == ["1 第一课", "2 第二课", "2.1 望庐山瀑布"]
    page.locator(".undo").get_by_role("button", name="撤销").click()
    wait_until(lambda: outline(site, package) == before)


def test_what_somebody_else_changed_meanwhile_is_fetched_anew(site: Site, visit: Visit, package: UUID) -> None:
    guest = visit("owner", reduced_motion="reduce")
    guest.expect("409", "404")
    page = guest.go(f"/library/{package}/items")
    twig(page, "第二课").locator(".grip").focus()
    with site.app.app_context():
        owner = by(site, "owner")
        tree = library.package_tree(owner, db.session.get_one(Resource, package))
        library.remove_item(owner, tree.entries[1].item.id)
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".toasts .alert-danger")).to_be_visible()
    expect(twig(page, "第二课")).to_have_count(0)


def test_resources_are_found_added_and_removed(site: Site, visit: Visit, package: UUID) -> None:
    page = open_editor(visit, package)
    page.get_by_label("新标题").fill("单元卷")
    page.get_by_role("button", name="添加标题").click()
    expect(twig(page, "单元卷")).to_be_visible()
    expect(page.get_by_label("新标题")).to_have_value("")
    page.get_by_label("在您能看到的资源里找").fill("荷叶圆圆")
    page.locator("#found label", has_text="荷叶圆圆").click()
    page.get_by_label("放到").select_option(label="3 单元卷")
    page.get_by_role("button", name="加入课程包").click()
    wait_until(lambda: outline(site, package)[-1] == "3.1 荷叶圆圆")
    expect(page.get_by_label("放到").locator("option:checked")).to_have_text("3 单元卷")
    twig(page, "单元卷").locator("summary").click()
    twig(page, "单元卷").get_by_role("button", name="移出课程包").click()
    wait_until(lambda: len(outline(site, package)) == 3)
    page.locator(".undo").get_by_role("button", name="撤销").click()
    wait_until(lambda: outline(site, package)[-1] == "3.1 荷叶圆圆")


def test_a_reader_goes_from_one_resource_to_the_next(site: Site, visit: Visit) -> None:
    page = visit("neighbour").go(f"/library/{site.world.packed.package}")
    page.get_by_role("link", name="望庐山瀑布").first.click()
    page.get_by_role("link", name="下一个").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("荷叶圆圆")
    expect(page.locator(".walk")).to_contain_text("第 2 个")


def test_a_stranger_reads_by_a_link(site: Site, visit: Visit) -> None:
    page = visit().go(f"/p/{site.world.packed.token}")
    expect(page.get_by_role("heading", level=1)).to_have_text("望庐山瀑布")
    page.locator(".viewer canvas, .viewer img").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载原文件").click()
    assert download.value.suggested_filename == "望庐山瀑布.pptx"


def test_a_lesson_runs_and_cannot_get_out(site: Site, visit: Visit) -> None:
    guest = visit("owner")
    guest.expect("Content Security Policy", "sandbox", "policy:", "127.0.0.1:9", "Unsafe attempt", "CORS", "foreign:")
    page = guest.go("/library/upload")
    page.evaluate("localStorage.setItem('theme', 'ours')")
    guest.go(f"/library/files/{site.world.packed.lesson}/lesson")
    out = page.frame_locator("iframe.lesson").locator("#out")
    expect(out).not_to_be_empty(timeout=20_000)
    said = json.loads(out.inner_text())
    assert said["api"] == "true,incomplete,true"
    assert said["data"] == "own data"
    assert said["frame"] == "inner true"
    assert (said["cookie"], said["storage"]) == ("", None)
    assert said["account"] == "no: TypeError"
    assert said["foreign"] == "no: TypeError"
    assert said["above"].startswith("no: ")
    assert said["leave"].startswith("no: ")
    assert said["window"] is None
    assert page.url.endswith("/lesson"), "the page stayed where it was"


def test_a_lesson_is_shut_in_even_in_a_window_of_its_own(site: Site, visit: Visit) -> None:
    guest = visit("owner")
    guest.expect("Content Security Policy", "sandbox", "policy:", "127.0.0.1:9", "CORS", "foreign:", "Unsafe attempt")
    page = guest.go(f"/library/files/{site.world.packed.lesson}/lesson")
    # the lesson tries to lead its own window away at once, so the window is asked before its first script runs
    page.context.add_init_script("console.log(`origin ${origin}`)")
    link = page.get_by_role("link", name="在新窗口全屏打开")
    with page.context.expect_event("console", lambda message: message.text == "origin null"):
        link.click()
