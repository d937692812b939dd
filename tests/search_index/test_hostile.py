"""Whatever is typed or uploaded, the engine answers; none of it is a language."""

import pytest

from search_index import Engine, Query
from tests.search_index.conftest import PUBLIC, ask, document

QUERIES = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\udfff圆",
    "*",
    "?",
    "*" * 10_000,
    '"' * 10_000,
    "(" * 5_000,
    ")" * 5_000,
    "NOT " * 3_000,
    "acl:public",
    "audience:public",
    "id:page:1",
    "audience:[a TO z]",
    "kind:page",
    "春*",
    "??",
    ".*风.*",
    "春风~2",
    "a^9",
    "圆" * 100_000,
    "x" * 100_000,
    "圆 " * 50_000,
    "'; DROP TABLE resource; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%",
    "_",
    "\\",
    "%%%00",
    "../../etc/passwd",
    "\u202e圆\u202c",
    "\ufeff圆",
    "e\u0301" * 300,
    "ﷺ" * 200,
    "🀄" * 200,
    "\n\r\t",
    "0" * 200,
    "-1",
    "9" * 400 + "年级",
    "十十十年级",
    "第零单元",
    "〇〇〇年级",
    "a b " * 100,
    "zhuang" * 50,
    "shuang " * 40,
    "l" * 120,
    "'" * 120,
)


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_hostile_queries_are_answered_and_open_nothing(engine: Engine, number: int) -> None:
    engine.put([document(1, "圆的面积"), document(2, "secret", audience=frozenset({"group:1"}))])

    assert set(ask(engine, QUERIES[number])) <= {"1"}
    assert set(engine.suggest(Query(QUERIES[number], PUBLIC))) <= {"page:1"}


def test_hostile_texts_are_indexed(engine: Engine) -> None:
    for number, text in enumerate(QUERIES):
        engine.put([document(number, f"圆{text}", text, tags=(text,), author=text, facets={"subject": text})])

    assert len(ask(engine, "圆")) == len(QUERIES)
    engine.verify()


def test_noise_in_a_text_is_left_out_and_the_rest_is_found(engine: Engine) -> None:
    engine.put(
        [document(1, "x", "A" * 5_000_000), document(2, "x", "A" * 65 + " 圆"), document(3, "x", "圆" * 600_000)]
    )

    assert set(ask(engine, "圆")) == {"2", "3"}
    assert ask(engine, "A" * 64) == []
