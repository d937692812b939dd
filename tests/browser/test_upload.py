"""Bringing files: folders, breaks, refusals, and full shelves; what goes wrong with one disturbs no other."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import Guest, Site
from tests.browser.hands import PATIENCE, awake, draft, drop, throttle, wait_ready, wait_until
from tests.library import samples
from tongyan.kernel.db import transaction
from tongyan.library.limits import used_by_school
from tongyan.library.models import FileState, ResourceFile
from tongyan.org.models import School

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("upload"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session"),
]

MIB = 1 << 20
LARGE, LINE = 24 * MIB, 8 * MIB  # a file of three pieces, and a line that takes three seconds for it


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """Give a file that takes a while; kind and content do not matter."""
    path = tmp_path / f"大课{tmp_path.name[-6:]}.bin"
    path.write_bytes(os.urandom(LARGE))
    yield path
    path.unlink()


def row(page: Page, path: Path) -> Locator:
    """Return the row of a file that is under way."""
    return page.locator(".sending", has_text=path.name)


def begin(page: Page, path: Path, share: float) -> None:
    """Choose a file and wait until so much of it has been sent."""
    awake(page)
    throttle(page, LINE)
    page.set_input_files("#files", path)
    bar = row(page, path).locator("progress")
    bar.wait_for()
    wait_until(lambda: float(bar.evaluate("(bar) => bar.value")) >= share)


def arrived(guest: Guest, path: Path) -> None:
    """Wait until the draft is there, and compare what the server gives with what was sent."""
    page = guest.page
    wait_ready(page, path.stem, "只能下载")
    draft(page, path.stem).get_by_role("link", name=path.stem, exact=True).click()
    address = page.get_by_role("link", name="下载原文件").get_attribute("href")
    assert guest.context.request.get(f"{guest.site.url}{address}").body() == path.read_bytes()


def offsets(page: Page) -> list[int]:
    """Return a list that grows with every piece sent: where it began."""
    seen: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            seen.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return seen


def test_folders_say_where_a_file_belongs(visit: Callable[..., Guest], tmp_path: Path) -> None:
    unit = tmp_path / "三上" / "第二单元"
    unit.mkdir(parents=True)
    (unit / "山行.txt").write_text("远上寒山石径斜")
    page = visit("owner").go("/library/upload")
    awake(page)
    page.set_input_files("#files-folder", tmp_path / "三上")
    wait_ready(page, "山行")
    expect(draft(page, "山行")).to_contain_text("语文 三年级")
    expect(draft(page, "山行")).to_contain_text("古诗三首")
    expect(draft(page, "山行").get_by_role("checkbox")).to_be_checked()


def test_an_upload_goes_on_after_the_page_was_left(visit: Callable[..., Guest], large: Path) -> None:
    guest = visit("owner")
    page = guest.go("/library/upload")
    begin(page, large, 0.4)
    page.reload()
    expect(page.locator("[data-upload]", has_text=large.name)).to_contain_text("/ 24 MB")
    seen = offsets(page)
    awake(page)
    throttle(page, -1)
    page.set_input_files("#files", large)
    arrived(guest, large)
    assert min(seen) >= 8 * MIB, "what had arrived was sent again"


def test_an_upload_goes_on_after_the_server_died(visit: Callable[..., Guest], site: Site, large: Path) -> None:
    guest = visit("owner")
    guest.expect("ERR_", "50")  # the line breaks, and is refused until the server is back
    page = guest.go("/library/upload")
    begin(page, large, 0.6)
    site.server.kill("web")
    seen = offsets(page)
    site.server.start("web")
    arrived(guest, large)
    assert max(seen) > 0


def test_a_file_that_is_refused_says_why_and_the_others_go_on(visit: Callable[..., Guest]) -> None:
    guest = visit("owner")
    guest.expect("422")  # the browser notes every refusal
    page = guest.go("/library/upload")
    drop(page, {"空.txt": b"", "冒充.pdf": samples.jpeg((40, 30)), "好的.txt": "霜叶红于二月花".encode()})
    expect(page.locator(".sending [role=alert]")).to_contain_text("这是一个空文件")
    wait_ready(page, "好的")
    wait_ready(page, "冒充", "文件的内容与扩展名不一致")
    expect(draft(page, "冒充").get_by_role("checkbox")).to_be_disabled()
    page.get_by_role("button", name="知道了").click()
    expect(page.locator(".sending")).to_have_count(0)


@pytest.fixture
def second_file(site: Site, world: SimpleNamespace) -> Iterator[UUID]:
    """Put a file that is still processed beside the one of a draft."""
    with site.app.app_context(), transaction() as session:
        file = ResourceFile(resource_id=world.drafts[0], position=1, name="第二份.txt", size=4)
        session.add(file)
        session.flush()  # for its id
        file_id = file.id
    yield file_id
    with site.app.app_context(), transaction() as session:
        session.delete(session.get_one(ResourceFile, file_id))


def test_what_one_reads_stays_while_the_file_beside_it_is_processed(
    visit: Callable[..., Guest], site: Site, world: SimpleNamespace, second_file: UUID
) -> None:
    page = visit("owner").go(f"/library/{world.drafts[0]}")
    first, second = page.locator("section.card").all()
    first.evaluate("(section) => { section.same = true; }")
    waiting = page.locator("#waiting")
    waiting.evaluate("(element) => { element.same = true; }")
    wait_until(lambda: not waiting.evaluate("(element) => element.same ?? false"))
    expect(second).to_contain_text("正在处理")
    with site.app.app_context(), transaction() as session:
        session.get_one(ResourceFile, second_file).state = FileState.DOWNLOAD_ONLY
    expect(second).to_contain_text("只能下载", timeout=PATIENCE)
    assert first.evaluate("(section) => section.same ?? false"), "the file that was ready was drawn anew"
    expect(page.locator("#waiting[hx-get]")).to_have_count(0)


@pytest.fixture
def nearly_full(site: Site, world: SimpleNamespace) -> Iterator[None]:
    """Leave room for two and a half MiB in the stranger's school."""

    def room(bytes_left: int | None) -> None:
        with site.app.app_context(), transaction() as session:
            school = session.get_one(School, world.other_school)
            school.quota_bytes = None if bytes_left is None else used_by_school(school.id) + bytes_left

    room(5 * MIB // 2)
    yield
    room(None)


@pytest.mark.usefixtures("nearly_full")
def test_a_full_shelf_stops_the_rest_of_the_batch_with_a_sentence(visit: Callable[..., Guest]) -> None:
    guest = visit("outsider")
    guest.expect("413")
    page = guest.go("/library/upload")
    drop(page, {f"素材{number}.bin": os.urandom(MIB) for number in range(4)})
    refused = page.locator(".sending [role=alert]", has_text="学校的资源空间已用完")
    expect(refused).to_have_count(2, timeout=PATIENCE)
    expect(page.get_by_text("已传完 2 个文件")).to_be_visible()
    expect(page.locator(".draft", has_text="素材")).to_have_count(2)


def test_an_upload_is_paused_goes_on_and_is_given_up(visit: Callable[..., Guest], large: Path) -> None:
    guest = visit("colleague")
    guest.expect("423")  # the piece under way is still being written when the page gives it up; it asks again
    page = guest.go("/library/upload")
    begin(page, large, 0.1)
    row(page, large).get_by_role("button", name="暂停").click()
    expect(row(page, large)).to_contain_text("已暂停")
    row(page, large).get_by_role("button", name="继续").click()
    expect(row(page, large)).to_contain_text("正在传")
    with page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.status == 204):
        row(page, large).get_by_role("button", name="取消").click()
    expect(row(page, large)).to_have_count(0)
    page.reload()
    expect(page.locator("[data-upload]")).to_have_count(0)


def test_what_broke_off_can_be_given_up_later(visit: Callable[..., Guest]) -> None:
    page = visit("owner").go("/library/upload")
    half = page.locator("[data-upload]", has_text="长视频.mp4")
    half.get_by_role("button", name="取消上传").click()
    expect(half).to_have_count(0)
    page.reload()
    expect(page.locator("[data-upload]", has_text="长视频.mp4")).to_have_count(0)
