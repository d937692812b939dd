"""A search is saved, told of and deleted by keyboard alone; what was opened stands where the search begins."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Guest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("everywhere"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session"),
]


def test_a_search_is_saved_and_deleted_by_keyboard(visit: Callable[..., Guest]) -> None:
    guest = visit("neighbour")
    page = guest.go("/search?q=瀑布&subject=语文")
    summary = page.locator(".saving summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("名称")).to_be_focused()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("再看瀑布")  # the name that was proposed is marked
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已保存为“再看瀑布”")).to_be_visible()
    assert "subject=" in page.url

    guest.go("/search/saved")
    expect(page.get_by_text("瀑布 · 语文")).to_be_visible()
    remove = page.get_by_role("button", name="删除")
    remove.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("删除保存的搜索“再看瀑布”")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("还没有保存的搜索")).to_be_visible()


def test_what_was_opened_stands_where_the_search_begins(visit: Callable[..., Guest], world: SimpleNamespace) -> None:
    guest = visit("colleague")
    guest.go(f"/library/{world.shared[4]}")
    page = guest.go("/search")
    page.get_by_role("region", name="最近打开的").get_by_role("link", name="生字表").click()
    expect(page.get_by_role("heading", name="生字表", level=1)).to_be_visible()
