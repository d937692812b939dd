"""What people do at a browser: sign in, bring files, wait for what the page says."""

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Guest
from tests.factories import PASSWORD

PATIENCE = 120_000  # milliseconds; a conversion on a busy machine takes its time
DROP = """([zone, files]) => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(content), (char) => char.charCodeAt(0))], name));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer });
    document.querySelector(zone).dispatchEvent(event);
  }
}"""


def sign_in(guest: Guest, role: str) -> Page:
    """Type name and password, as on the first day."""
    page = guest.go("/sign-in")
    page.get_by_label("登录名或邮箱").fill(guest.site.world.login[role])
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    return page


def awake(page: Page) -> None:
    """Wait until the drop zone takes files by itself."""
    page.locator("#files-folder").wait_for(state="attached")


def drop(page: Page, files: Mapping[str, bytes]) -> None:
    """Drop files on the zone."""
    awake(page)
    packed = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    page.evaluate(DROP, [".drop", packed])


def draft(page: Page, title: str) -> Any:
    """Return the row of a draft."""
    return page.locator(".draft", has=page.get_by_role("link", name=title, exact=True))


def wait_ready(page: Page, title: str, state: str = "可以使用") -> None:
    """Wait until the page says by itself what became of a file."""
    expect(draft(page, title).locator(".where")).to_contain_text(state, timeout=PATIENCE)


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what the condition gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.3)
    raise TimeoutError


def search(page: Page, text: str) -> None:
    """Type into the search box and press Enter."""
    page.keyboard.press("Control+k")
    page.locator("#search-box").fill(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def finds(page: Page, text: str, title: str) -> bool:
    """Say whether a search shows a resource."""
    search(page, text)
    return page.locator(".hit h2", has_text=title).count() > 0


def throttle(page: Page, upload: int) -> None:
    """Give the page a thin line: so many bytes per second on the way out (-1 for no limit)."""
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", limits)
