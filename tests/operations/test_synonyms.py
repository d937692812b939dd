"""The pages on which administrators tend the words that mean the same."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.org.sheets import cells_of, workbook
from tongyan.accounts.models import Person
from tongyan.finding.services import synonyms
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor

LIST = "/admin/synonyms"


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    return actor(cast.admin)


def send(browser: FlaskClient, stream: BytesIO) -> str:
    """Send a sheet and return the page that follows."""
    boundary, body = encode_multipart({"sheet": FileStorage(stream, "同义词.xlsx")})
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.post(f"{LIST}/import", data=body, content_type=kind, follow_redirects=True).text


def test_an_empty_list_says_what_to_do(browser: FlaskClient) -> None:
    assert "还没有同义词" in browser.get(LIST).text


def test_a_set_is_added_changed_and_deleted(browser: FlaskClient, admin: Actor) -> None:
    browser.post(f"{LIST}/new", data={"words": "教案\n教学设计"})
    db.session.rollback()  # a read begun earlier would not see it
    (row,) = synonyms.list_synonyms(admin).items
    shown = browser.get(LIST).text
    assert "已添加：教案、教学设计。" in shown
    assert "教案 = 教学设计" in shown
    page = f"{LIST}/{row.id}"
    assert "教案\n教学设计" in browser.get(page).text
    browser.post(page, data={"words": "教案、教学方案", "version": "1"})
    assert "教案 = 教学方案" in browser.get(LIST).text
    assert browser.get(f"{LIST}?q=设计").text.count("没有带这个词的") == 1
    stale = browser.post(page, data={"words": "教案、备课", "version": "1"})
    assert (stale.status_code, "别人已经改过" in stale.text, "教案、备课" in stale.text) == (409, True, True)
    browser.post(f"{page}/delete")
    assert "已删除：教案、教学方案。" in browser.get(LIST).text
    assert browser.get(page).status_code == 404


def test_bad_input_is_explained_and_kept(browser: FlaskClient) -> None:
    for words, said in (
        ("", "请填写这一项"),
        ("教案", "一组要有 2 到 12 个词"),
        ("PPT、ppt", "“ppt”和“PPT”对搜索来说是同一个词"),
        ("<b>、教案、…", "“…”不行"),
    ):
        answer = browser.post(f"{LIST}/new", data={"words": words})
        assert answer.status_code == 422
        assert said in answer.text
        assert words.replace("<b>", "&lt;b&gt;") in answer.text
    browser.post(f"{LIST}/new", data={"words": "教案、教学设计"})
    assert "“教案”已经在另一组里（教案、教学设计）" in browser.post(f"{LIST}/new", data={"words": "教案、备课"}).text


def test_the_list_goes_out_and_comes_in_as_a_sheet(browser: FlaskClient) -> None:
    assert "新增 2 组，修改 0 组，0 组没有变" in send(
        browser, workbook([["教案、教学设计"], ["课件、PPT"]], ["意思相同的词"])
    )
    content = browser.get(f"{LIST}/export.xlsx").data
    assert cells_of(content) == [["意思相同的词"], ["教案、教学设计"], ["课件、PPT"]]
    assert "新增 0 组，修改 0 组，2 组没有变" in send(browser, BytesIO(content))
    bad = send(browser, workbook([["试卷、卷子"], ["独自"]], ["意思相同的词"]))
    assert "什么都没有导入" in bad
    assert "一组要有 2 到 12 个词" in bad
    assert "不是 Excel" in send(browser, BytesIO(b"text"))
    assert "试卷" not in browser.get(LIST).text
