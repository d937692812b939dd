"""The first working day: sign in, share a resource with the group, find it again; for others it does not exist."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guest
from tests.browser.hands import PATIENCE, draft, drop, finds, search, sign_in, wait_ready, wait_until
from tests.library import samples

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("first day")]

SLIDES = samples.pptx(("清明", "借问酒家何处有", "牧童遥指杏花村"))
PAPER = samples.pdf(2)
INKED = """(canvas) => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let dark = 0;
  for (let at = 0; at < pixels.length; at += 4) if (pixels[at + 3] > 0 && pixels[at] < 128) dark += 1;
  return dark;
}"""


def test_the_first_day(visit: Callable[..., Guest], world: SimpleNamespace, tmp_path: Path) -> None:
    teacher, colleague, stranger = visit(), visit(), visit("outsider")
    path = share_two_files(sign_in(teacher, "owner"))
    find_by_all_ways(sign_in(colleague, "neighbour"))
    look_and_take(colleague.page, tmp_path)
    assert_does_not_exist(stranger, path)


def share_two_files(page: Page) -> str:
    """Drop the files, say what they are for, share both with the group; returns the address of one."""
    page.get_by_role("link", name="上传资源").first.click()
    drop(page, {"清明.pptx": SLIDES, "杏花村练习.pdf": PAPER})
    for title in ("清明", "杏花村练习"):
        wait_ready(page, title)
        draft(page, title).get_by_role("link", name="修改").click()
        page.get_by_label("学科", exact=True).select_option("语文")
        page.get_by_role("button", name="保存").click()
        page.goto(page.url.partition("/library")[0] + "/library/upload")
    path = draft(page, "清明").get_by_role("link", name="清明", exact=True).get_attribute("href")
    page.get_by_label("全选").set_checked(True)
    page.get_by_label("全选").set_checked(False)
    for title in ("清明", "杏花村练习"):
        draft(page, title).get_by_role("checkbox").check()
    page.get_by_label("分享给").select_option(label="清江教育集团")
    page.get_by_role("button", name="分享选中的").click()
    expect(page.get_by_text("已分享 2 份资源。")).to_be_visible()
    return str(path)


def find_by_all_ways(page: Page) -> None:
    """Find the slides by words inside them, by one character, by the initials of the title; the paper by its title."""
    wait_until(lambda: finds(page, "牧童遥指", "清明"))
    for text, title in [("杏", "清明"), ("qm", "清明"), ("杏花村练习", "杏花村练习"), ("酒家何处", "清明")]:
        assert finds(page, text, title), text
    expect(page.locator(".hit mark").first).to_be_visible()
    page.locator(".hit h2 a", has_text="清明").click()


def look_and_take(page: Page, folder: Path) -> None:
    """See the pages drawn, and download the original byte for byte under its own name."""
    expect(page.get_by_role("heading", level=1)).to_have_text("清明")
    canvas = page.locator(".leaf canvas").first
    canvas.wait_for(timeout=PATIENCE)
    wait_until(lambda: canvas.evaluate(INKED) > 100)
    expect(page.locator(".leaf")).to_have_count(3)
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载原文件").click()
    coming.value.save_as(folder / "got.pptx")
    assert coming.value.suggested_filename == "清明.pptx"
    assert (folder / "got.pptx").read_bytes() == SLIDES


def assert_does_not_exist(stranger: Guest, path: str) -> None:
    """Show that lists, counts, searches, suggestions, facets and addresses know nothing of it."""
    page = stranger.go("/library")
    expect(page.get_by_text("共 1 份资源")).to_be_visible()
    expect(page.get_by_text("清明")).to_have_count(0)
    for text in ("牧童遥指", "杏", "qm", "清明"):
        search(page, text)
        page.goto(f"{page.url}&kind=resource")
        expect(page.get_by_text("找到 0 个结果")).to_be_visible()
        expect(page.locator(".facet-list")).to_have_count(0)
    ask = stranger.context.request
    assert ask.get(f"{stranger.site.url}/search/suggest?q=清明").json() == {"suggestions": []}
    hidden, missing = (ask.get(stranger.site.url + there) for there in (path, f"/library/{uuid4()}"))
    assert (hidden.status, missing.status) == (404, 404)
    assert without_token(hidden.text()) == without_token(missing.text())


def without_token(body: str) -> str:
    """Return a page without what differs on every one."""
    return re.sub(r'(name="csrf[-_]token" (?:content|value)=)"[^"]*"', r"\1", body)
