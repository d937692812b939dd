"""What is found, and in which order."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from search_index import Document, Engine, Query
from search_index.engine import Sort
from tests.search_index.conftest import KINDS, PUBLIC, Home, ask, document, fill

SEED = Path(__file__).parents[2] / "platform/tongyan/curriculum/seed.json"
START = datetime(2026, 9, 1, tzinfo=UTC)


def words_of(tree: Any) -> Iterator[str]:
    """Walk through the words of the curriculum."""
    if isinstance(tree, str):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from words_of(child)


@pytest.fixture(scope="module")
def titles() -> list[str]:
    """Give some 250 real titles of units and lessons."""
    words = dict.fromkeys(words_of(json.loads(SEED.read_text("utf-8"))["stages"]))
    return [word for word in words if len(word) > 1 and any("一" <= char <= "龥" for char in word)][::9][:250]


@pytest.fixture(scope="module", params=KINDS)
def library(
    request: pytest.FixtureRequest, titles: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Give an index in which every title also stands in the text of the next few documents."""
    home = Home(request.param, tmp_path_factory.mktemp("library"))
    engine = home.open()
    near = [" ".join(titles[max(0, number - 5) : number]) for number in range(len(titles))]
    fill(engine, (document(number, title, near[number]) for number, title in enumerate(titles)))
    yield engine
    home.close()


def test_every_title_finds_itself_first(library: Engine, titles: list[str]) -> None:
    assert len(titles) > 200
    for title in titles:
        best = ask(library, title)[:1]
        assert best, title
        assert titles[int(best[0])] == title


def test_every_title_is_suggested_by_itself(library: Engine, titles: list[str]) -> None:
    for number, title in enumerate(titles):
        assert f"page:{number}" in library.suggest(Query(title, PUBLIC, limit=300)), title


def test_single_characters_and_words_find_what_holds_them(engine: Engine) -> None:
    engine.put([document(1, "圆的面积"), document(2, "力"), document(3, "水的三态"), document(4, "x", "一个圓")])

    assert ask(engine, "圆") == ["1", "4"]
    assert ask(engine, "力") == ["2"]
    assert ask(engine, "水") == ["3"]
    assert ask(engine, "面积") == ask(engine, "圓的面積") == ask(engine, "圆的面") == ["1"]
    assert ask(engine, "积面") == []
    assert ask(engine, "圆 面积") == ["1"]


def test_titles_are_found_by_sound(engine: Engine) -> None:
    engine.put([document(1, "登鹳雀楼"), document(2, "山行"), document(3, "西安的秋天")])

    for text in ("dgql", "dgq", "dengguanquelou", "deng guan que lou", "guan que"):
        assert ask(engine, text) == ["1"], text
    for text in ("sx", "shanxing", "SHAN XING", "shan'xing"):
        assert ask(engine, text) == ["2"], text
    assert ask(engine, "xian") == ["3"]
    assert list(engine.suggest(Query("dgq", PUBLIC))) == ["page:1"]


def test_places_are_found_however_written(engine: Engine) -> None:
    engine.put(
        [document(1, "三年级上册第三单元"), document(2, "一年级下册"), document(3, "分数", about=("三年级", "数学"))]
    )

    assert set(ask(engine, "3年级")) == {"1", "3"}
    assert ask(engine, "1年级") == ask(engine, "一下") == ["2"]
    assert ask(engine, "第3单元") == ["1"]
    assert ask(engine, "三年级数学 分数")[0] == "3"


def test_what_says_where_a_thing_belongs_does_not_suggest_it(engine: Engine) -> None:
    engine.put([document(1, "分数", about=("清江小学",), tags=("认识",), author="张老师")])

    assert engine.suggest(Query("清江", PUBLIC)) == ()
    assert engine.suggest(Query("识认", PUBLIC)) == engine.suggest(Query("张", PUBLIC)) == ("page:1",)
    assert engine.suggest(Query("", PUBLIC)) == ()


def test_a_typing_error_in_a_title_is_forgiven(engine: Engine) -> None:
    engine.put([document(1, "九月九日忆山东兄弟"), document(2, "山行")])

    assert ask(engine, "九月九日亿山东兄弟")[0] == "1"
    assert ask(engine, "九月忆兄弟")[0] == "1"


def test_titles_count_more_than_texts_and_rare_words_more_than_common_ones(engine: Engine) -> None:
    engine.put([document(n, f"课件{n}", "分数 练习") for n in range(20)])
    engine.put([document("title", "练习册"), document("rare", "x", "鹳雀")])

    assert ask(engine, "练习")[0] == "title"
    assert ask(engine, "练习 鹳雀")[0] == "rare"


def test_newest_first_and_paging_without_gaps(engine: Engine) -> None:
    engine.put([document(n, "圆", date=START + timedelta(days=n % 5)) for n in range(50)])

    newest = ask(engine, "圆", sort=Sort.NEWEST)
    assert [int(each) % 5 for each in newest] == sorted((n % 5 for n in range(50)), reverse=True)
    for sort in Sort:
        pages = [ask(engine, "圆", sort=sort, offset=at, limit=7) for at in range(0, 56, 7)]
        assert [each for page in pages for each in page] == ask(engine, "圆", sort=sort)


def test_facets_are_counted_as_if_their_own_filter_were_not_set(engine: Engine) -> None:
    engine.put(
        Document(
            f"page:{n}", "page", "圆", audience=PUBLIC, facets={"subject": f"s{n % 2}", "grade": (str(n % 3), "all")}
        )
        for n in range(12)
    )
    filters = {"subject": frozenset({"s0"}), "grade": frozenset({"1", "2"})}
    found = engine.search(Query("圆", PUBLIC, filters, ("subject", "grade", "nothing"), limit=3))

    assert (len(found.ids), found.total) == (3, 4)
    assert found.facets == {"subject": {"s0": 4, "s1": 4}, "grade": {"all": 6, "0": 2, "1": 2, "2": 2}, "nothing": {}}
    assert engine.search(Query("圆", PUBLIC, {"kind": frozenset({"other"})})).total == 0
