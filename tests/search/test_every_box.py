"""Whatever has a title is found by it, through every box and by programs."""

from collections.abc import Callable
from types import SimpleNamespace

from flask import Flask
from flask.testing import FlaskClient

from tests.search.conftest import open_search, suggested
from tests.sessions import open_access
from tongyan.accounts.models import Person
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Resource

TITLES = (
    "山行", "圆", "力", "《荷叶圆圆》第二课时", "三年级上册第三单元复习", "Photosynthesis 光合作用", "20以内的进位加法",
    "登鸛雀樓", "ＰＰＴ模板", "烃的衍生物（一）", "C++ 与 C# 入门", "百分数·折扣", "a", "“红船”精神", "-5 的相反数",
    "学科:语文 的写法", "水的三态变化 / 探究", "第 1 课 大自然的语言", "习作：我的植物朋友", "Unit 3 What do you do?",
)  # fmt: skip


def test_every_title_finds_itself_through_every_box(  # noqa: PLR0917 # fixtures
    app: Flask,
    cast: SimpleNamespace,
    actor: Callable[[Person], Actor],
    sign_in: Callable[[Person], FlaskClient],
    publish_all: Callable[..., list[Resource]],
    indexed: Callable[[], int],
) -> None:
    publish_all(dict.fromkeys(TITLES, "别的文字"))
    indexed()
    reader, program = sign_in(cast.neighbour), open_access(app, cast.neighbour)
    package = library.create_package(actor(cast.neighbour), "收集", "语文", 3)

    for title in TITLES:
        assert open_search(reader, q=title, kind="resource").titles[:1] == [title.replace("&", "&amp;")], title
        assert title in suggested(reader, title), title
        answer = program.get("/api/v1/search", query_string={"q": title}).json
        assert answer["items"][0]["resource"]["title"] == title
        picked = reader.get(
            f"/library/{package.id}/items/search", query_string={"q": title}, headers={"HX-Request": "true"}
        )
        assert title in picked.text, title
