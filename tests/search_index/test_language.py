"""Phrases, exclusions, fields, words of the same meaning, what raises a thing, and the explanation of a score."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from search_index import Engine, Query
from search_index.query import Said, cut_fields, read, words_of
from search_index.synonyms import Synonyms
from tests.search_index.conftest import PUBLIC, ask
from tests.search_index.opening import document

NOW = datetime(2026, 9, 1, tzinfo=UTC)
STAFF_ROOM = Synonyms([["教案", "教学设计"], ["课件", "PPT"], ["课件", "幻灯片"]])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("圆 面积", [Said("圆"), Said("面积")]),
        ('"圆的 面积" x', [Said("圆的 面积", quoted=True), Said("x")]),
        ("“圆”", [Said("圆", quoted=True)]),
        ("「圆", [Said("圆", quoted=True)]),
        ("圆 -力 －水", [Said("圆"), Said("力", banned=True), Said("水", banned=True)]),
        ("-5 a-b - c", [Said("-5"), Said("a-b"), Said("-"), Said("c")]),
        ("标题：圆 -Author:张", [Said("圆", "标题"), Said("张", "author", banned=True)]),
        ('tag:"两 词"', [Said("两 词", "tag", quoted=True)]),
        ("acl:public http://x 12:30", [Said("acl public"), Said("http //x"), Said("12:30")]),
        ('"" " -"', [Said("-", quoted=True)]),
        ("", []),
    ],
)
def test_what_is_typed_is_taken_apart(typed: str, said: list[Said]) -> None:
    assert read(typed) == said


def test_fields_are_cut_out_and_the_rest_means_the_same() -> None:
    rest, fields = cut_fields('圆 学科:数学 -"一 周" 标题:面积 -学科:语文', ["学科"])

    assert read(rest) == read('圆 -"一 周" 标题:面积')
    assert fields == [Said("数学", "学科"), Said("语文", "学科", banned=True)]
    assert cut_fields("圆 -力", ["学科"]) == ("圆 -力", [])
    assert words_of('圆 -力 标题:面积 "一周"') == "圆 面积 一周"


def test_a_phrase_is_found_only_where_it_stands_word_by_word(engine: Engine) -> None:
    engine.put([
        document(1, "x", "停车坐爱枫林晚"), document(2, "x", "枫林晚，停车坐，车坐爱枫"), document(3, "停車坐愛楓林晚"),
        document(4, "x", "停车\n坐爱 枫林"), document(5, "x", "to be or not to be"), document(6, "x", "or be to not"),
    ])  # fmt: skip

    assert set(ask(engine, "“停车坐爱枫”")) == {"1", "3", "4"}
    assert ask(engine, '"be or not"') == ask(engine, '"to be or"') == ["5"]
    assert ask(engine, '"e or no"') == []
    assert set(ask(engine, '停车 -"停车坐爱"')) == {"2"}
    assert ask(engine, '"枫"') == ask(engine, "枫")


def test_words_are_excluded_and_asked_for_by_field(engine: Engine) -> None:
    engine.put([
        document(1, "圆的面积", "周长", author="张老师"), document(2, "周长", "圆的面积", tags=("张",)),
        document(3, "圆", author="李老师"),
    ])  # fmt: skip

    assert set(ask(engine, "圆 -周长")) == {"3"}
    assert ask(engine, "title:圆的面积") == ask(engine, "标题:面积") == ["1"]
    assert ask(engine, "圆 作者:张") == ask(engine, "author:张老师") == ["1"]
    assert ask(engine, "关键词:张") == ["2"]
    assert set(ask(engine, "圆 -作者:张老师")) == {"2", "3"}
    assert ask(engine, "-圆") == ask(engine, "-圆 -x") == []


def test_words_of_the_same_meaning_find_each_other(engine: Engine) -> None:
    engine.put([
        document(1, "分数教案"), document(2, "分数教学设计"), document(3, "分数"), document(4, "分数 ppt"),
        document(5, "设计"), document(6, "幻灯片"),
    ])  # fmt: skip

    assert ask(engine, "分数教案", synonyms=STAFF_ROOM) == ["1", "2"]
    assert ask(engine, "教学设计", synonyms=STAFF_ROOM) == ["2", "1"]
    assert set(ask(engine, "课件", synonyms=STAFF_ROOM)) == {"4", "6"}
    assert ask(engine, "PPT", synonyms=STAFF_ROOM) == ["4"]
    assert ask(engine, "教案") == ["1"]


def order(engine: Engine, **values: Any) -> list[str]:
    """Return the order of two things that fit equally well."""
    return ask(engine, "圆", **values)


def test_what_is_new_good_used_or_ones_own_comes_first_but_never_before_what_fits_better(engine: Engine) -> None:
    engine.put([
        document("plain", "圆", date=NOW - timedelta(days=900)),
        document("new", "圆", date=NOW - timedelta(days=1)),
        document("good", "圆", date=NOW - timedelta(days=900), quality=1.0),
        document("used", "圆", date=NOW - timedelta(days=900), uses=90),
        document("own", "圆", date=NOW - timedelta(days=900), facets={"subject": "数学", "grade": "3"}),
        document("else", "别的", "圆", date=NOW, quality=1.0, uses=900, facets={"subject": "数学", "grade": "3"}),
    ])  # fmt: skip
    own = {"subject": frozenset({"数学"}), "grade": frozenset({"3"})}

    plain = ask(engine, "圆")
    assert plain[:2] == ["good", "used"]
    assert plain[-1] == "else"
    assert ask(engine, "圆", preferred=own, now=NOW)[0] == "own"
    assert ask(engine, "圆", now=NOW).index("new") < ask(engine, "圆", now=NOW).index("plain")
    assert ask(engine, "圆", preferred=own, now=NOW)[-1] == "else"


def test_only_among_some_and_without_some(engine: Engine) -> None:
    engine.put(document(n, "圆", facets={"subject": f"s{n % 3}"}) for n in range(9))

    assert set(ask(engine, "圆", within=frozenset({"page:1", "page:4", "page:99"}))) == {"1", "4"}
    assert set(ask(engine, "", within=frozenset({"page:1", "page:4"}))) == {"1", "4"}
    assert ask(engine, "圆", within=frozenset()) == []
    assert set(ask(engine, "圆", excluded={"subject": frozenset({"s0", "s1"})})) == {"2", "5", "8"}
    assert len(ask(engine, "", filters={"subject": frozenset({"s0"})})) == 3


def test_where_nothing_is_left_it_is_said_what_keeps_it_away(engine: Engine) -> None:
    engine.put(document(n, "圆", facets={"subject": f"s{n % 3}", "grade": "1"}) for n in range(9))
    asked = Query("圆", PUBLIC, {"subject": frozenset({"s0"}), "grade": frozenset({"2"})})

    assert engine.search(asked).without == {"grade": 3}
    assert engine.search(Query("圆", PUBLIC, {"grade": frozenset({"1"})})).without == {}
    assert engine.search(Query("没有", PUBLIC, {"grade": frozenset({"1"})})).without == {}


def test_what_looks_or_sounds_alike_is_near(engine: Engine) -> None:
    engine.put(
        [document(1, "登鹳雀楼"), document(2, "Photosynthesis"), document(3, "圆的面积"), document(4, "x", "登鹳雀楼")]
    )

    for typed, near in (
        ("登灌雀楼", "page:1"),
        ("灯惯确楼", "page:1"),
        ("fotosynthesis", "page:2"),
        ("园的面机", "page:3"),
    ):
        assert engine.alike(Query(typed, PUBLIC))[:1] == (near,), typed
    assert engine.alike(Query("登灌雀楼", frozenset({"school:1"}))) == ()
    assert engine.alike(Query("", PUBLIC)) == ()


def test_an_explanation_adds_up_to_the_score(engine: Engine) -> None:
    engine.put(
        document(n, f"圆的面积{n}", "练习 教学设计", date=NOW, quality=n / 10, uses=n, facets={"subject": "数学"})
        for n in range(6)
    )
    asked = Query(
        "面积 教案 圆", PUBLIC, preferred={"subject": frozenset({"数学"})}, synonyms=STAFF_ROOM, now=NOW, limit=10
    )
    found = engine.search(asked)

    assert len(found.ids) == 6
    for each, score in zip(found.ids, found.scores, strict=True):
        told = engine.explain(asked, each)
        assert told is not None
        assert told.score == pytest.approx(score)
        total = sum(reason.points for reason in told.summands) * (1 + sum(reason.points for reason in told.factors))
        assert total == pytest.approx(score, rel=1e-6)
        assert {"words", "names"} == {reason.part for reason in told.summands}
        assert {"freshness", "subject"} <= {reason.part for reason in told.factors}
    assert engine.explain(asked, "page:99") is engine.explain(Query("方程", PUBLIC), "page:1") is None
    assert engine.explain(Query("面积", frozenset({"school:1"})), "page:1") is None


def test_a_long_question_finds_what_it_is_about(engine: Engine) -> None:
    engine.put([document(1, "三珍行"), document(2, "《大云洞》反思"), document(3, "想找课件"), document(4, "怎么")])
    engine.put(document(f"x{n}", f"别的{n}", "我想请问这件事的课件") for n in range(30))

    assert ask(engine, "有没有三珍行这首诗的朗读录音")[:1] == ["1"]
    assert ask(engine, "请教大云洞怎样讲解才好")[:1] == ["2"]
    assert ask(engine, "完全没有关系的一句长话") == []
    assert ask(engine, "三珍不见") == []


def test_a_character_that_stands_alone_comes_first(engine: Engine) -> None:
    engine.put(
        [
            document(1, "夢回"),
            document(2, "《梦》"),
            document(3, "梦游天姥吟留别", "梦"),
            document(4, "x", "梦", tags=("梦",)),
        ]
    )

    assert ask(engine, "梦")[:2] == ["2", "4"]
    assert set(ask(engine, "梦")) == {"1", "2", "3", "4"}
