"""Everything works by keyboard alone."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("everywhere"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session"),
]


def focused(page: Page) -> str:
    """Return the id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def test_the_first_stop_jumps_over_the_frame(visit: Callable[..., Guest]) -> None:
    page = visit("owner").go("/library")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert focused(page) == "page"


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_one_key_opens_the_search(visit: Callable[..., Guest], key: str) -> None:
    page = visit("owner").go("/library")
    page.keyboard.press(key)
    assert focused(page) == "search-box"
    assert page.locator("#search-box").input_value() == ""


def test_escape_closes_the_menu_and_gives_the_focus_back(visit: Callable[..., Guest]) -> None:
    page = visit("owner").go("/")
    menu = page.locator("details.menu summary")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.menu .sheet")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu .sheet")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_deed_that_loses_something_asks_and_is_answered_by_keyboard(
    visit: Callable[..., Guest], world: SimpleNamespace
) -> None:
    page = visit("owner").go(f"/library/{world.drafts[2]}")
    remove = page.get_by_role("button", name="移除这个文件")
    remove.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("移除“假课件.pptx”")
    expect(dialog.get_by_role("button", name="取消")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(remove).to_be_visible()

    remove.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("还没有文件")).to_be_visible()


def test_pages_of_a_document_turn_by_key(visit: Callable[..., Guest], world: SimpleNamespace) -> None:
    page = visit("neighbour").go(f"/library/{world.shared[1]}")
    jump = page.get_by_role("combobox", name="第几页")
    expect(jump).to_have_value("1")
    page.get_by_role("region", name="页面预览").focus()
    for key, where in [("ArrowRight", "2"), ("End", "3"), ("ArrowLeft", "2"), ("Home", "1")]:
        page.keyboard.press(key)
        expect(jump).to_have_value(where)
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="125%")).to_be_visible()
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="100%")).to_be_visible()


def test_all_drafts_are_ticked_and_cleared_at_once(visit: Callable[..., Guest]) -> None:
    page = visit("owner").go("/library/upload")
    ready = page.locator("input[name=resource]:enabled")
    everything = page.get_by_label("全选")
    expect(everything).to_be_checked()  # what can be shared is chosen beforehand
    everything.focus()
    page.keyboard.press("Space")
    assert not any(box.is_checked() for box in ready.all())
    page.keyboard.press("Space")
    assert all(box.is_checked() for box in ready.all())
