"""Words of the same meaning: kept in order, known to every search within seconds, nothing lost by bad input."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from search_index.folding import fold
from tests.org.sheets import workbook
from tongyan.accounts.models import Person
from tongyan.finding.models import SynonymSet
from tongyan.finding.services import synonym_sheets, synonyms
from tongyan.finding.services.synonym_rules import problem, split_words
from tongyan.finding.staff_room import WORDS
from tongyan.kernel import searchables
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor
from tongyan.kernel.search import SearchRequest, search
from tongyan.kernel.sheets import write_rows


def others(word: str) -> set[str]:
    """Return what the search looks for besides a word."""
    return {each for piece in searchables.synonyms().pieces(fold(word)) for each in piece.others}


def deeds() -> list[str]:
    """Return what the trail says was done to sets, in order."""
    done = select(AuditEntry.action).where(AuditEntry.subject.startswith("synonyms:"))
    return list(db.session.scalars(done.order_by(AuditEntry.seq)))


def test_a_set_makes_its_words_find_one_another(admin: Actor) -> None:
    assert others("教案") == set()
    synonyms.add_synonyms(admin, ["教案", "教学设计", "PPT"])
    assert others("教案") == {"教学设计", "ppt"}
    assert others("ppt") == {"教案", "教学设计"}


def test_a_search_by_one_word_finds_what_says_another(
    admin: Actor, neighbour: Actor, publish: Callable[..., object], indexed: Callable[[], int]
) -> None:
    def found(text: str) -> list[str]:
        return [hit.thing.title for hit in search(neighbour, SearchRequest(text, kinds=("resource",))).page.items]

    publish("山行 教学设计", "远上寒山石径斜")
    publish("山行 课件", "远上寒山石径斜")
    indexed()
    before = found("教案")
    row = synonyms.add_synonyms(admin, ["教案", "教学设计"])
    assert (before, found("教案")) == ([], ["山行 教学设计"])
    assert found("山行 教案")[0] == "山行 教学设计"
    synonyms.delete_synonyms(admin, row.id)
    assert found("教案") == []


def test_every_deed_is_known_at_once_here_and_written_into_the_trail(admin: Actor) -> None:
    row = synonyms.add_synonyms(admin, ["教案", "教学设计"])
    synonyms.change_synonyms(admin, row.id, ["教案", "教学方案"], row.version)
    assert others("教案") == {"教学方案"}
    synonyms.change_synonyms(admin, row.id, ["教案", "教学方案"], row.version)  # nothing changed: nothing to say
    assert synonyms.delete_synonyms(admin, row.id) == ["教案", "教学方案"]
    assert others("教案") == set()
    assert deeds() == [
        "finding:synonyms:add", "finding:synonyms:change", "finding:synonyms:delete",
    ]  # fmt: skip


def test_what_another_process_changed_is_known_within_seconds(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(synonyms, "monotonic", lambda: clock.now)
    row_id = synonyms.add_synonyms(admin, ["教案", "教学设计"]).id
    assert others("教案") == {"教学设计"}
    with transaction() as session:  # past this process' memory
        changed = {"words": ["教案", "备课"], "version": SynonymSet.version + 1, "updated_at": now()}
        session.execute(update(SynonymSet).where(SynonymSet.id == row_id).values(**changed))
    assert others("教案") == {"教学设计"}
    clock.now += synonyms.FRESH
    assert others("教案") == {"备课"}
    with transaction() as session:
        session.delete(session.get_one(SynonymSet, row_id))
    clock.now += synonyms.FRESH
    assert others("教案") == set()


def test_a_search_asks_nothing_in_between(
    admin: Actor, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    synonyms.add_synonyms(admin, ["教案", "教学设计"])
    searchables.synonyms()
    assert count_statements(searchables.synonyms) == 0


@pytest.mark.parametrize(
    ("words", "code", "data"),
    [
        ([], "synonyms.number", {"least": 2, "most": 12}),
        (["教案"], "synonyms.number", {"least": 2, "most": 12}),
        ([f"词{number}" for number in range(13)], "synonyms.number", {"least": 2, "most": 12}),
        (["教案", "长" * 21], "synonyms.word", {"word": "长" * 21, "most": 20}),
        (["教案", "…"], "synonyms.word", {"word": "…", "most": 20}),
        (["PPT", "课件", "ｐｐｔ"], "synonyms.twice", {"word": "ｐｐｔ", "other": "PPT"}),
        (["教學設計", "教学设计"], "synonyms.twice", {"word": "教学设计", "other": "教學設計"}),
        (["学案", "導學案"], "synonyms.taken", {"word": "導學案", "words": "导学案、学习单"}),
    ],
)
def test_bad_words_are_refused_and_nothing_changes(
    admin: Actor, words: list[str], code: str, data: dict[str, object]
) -> None:
    kept = synonyms.add_synonyms(admin, ["导学案", "学习单"])
    row = synonyms.add_synonyms(admin, ["甲", "乙"])
    for deed in (
        lambda: synonyms.add_synonyms(admin, words),
        lambda: synonyms.change_synonyms(admin, row.id, words, row.version),
    ):
        with pytest.raises(Invalid) as refused:
            deed()
        assert (refused.value.errors, refused.value.data) == ({"words": [code]}, data)
    assert {tuple(each.words) for each in synonyms.list_synonyms(admin).items} == {("导学案", "学习单"), ("甲", "乙")}
    assert synonyms.change_synonyms(admin, kept.id, ["学习单", "导学案", "学案"], kept.version).words[2] == "学案"


def test_who_changes_what_another_changed_meanwhile_is_told(admin: Actor) -> None:
    row = synonyms.add_synonyms(admin, ["教案", "教学设计"])
    seen = row.version
    synonyms.change_synonyms(admin, row.id, ["教案", "教学方案"], seen)
    with pytest.raises(Conflict, match=r"conflict\.stale"):
        synonyms.change_synonyms(admin, row.id, ["教案", "备课"], seen)


def test_only_administrators_tend_them(admin: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    row = synonyms.add_synonyms(admin, ["教案", "教学设计"])
    for person in (cast.owner, cast.group_head):
        other = actor(person)
        assert synonyms.list_synonyms(other).total == 0
        with pytest.raises(Forbidden):
            synonyms.add_synonyms(other, ["甲", "乙"])
        with pytest.raises(Forbidden):
            synonym_sheets.take_sheet(other, BytesIO())
        with pytest.raises(Forbidden):
            synonym_sheets.sheet_rows(other)
        for deed in (
            lambda other=other: synonyms.change_synonyms(other, row.id, ["甲", "乙"], 1),
            lambda other=other: synonyms.delete_synonyms(other, row.id),
        ):
            with pytest.raises(NotFound):
                deed()


def test_there_is_an_end_to_their_number(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "MAX_SETS", 1)
    synonyms.add_synonyms(admin, ["教案", "教学设计"])
    with pytest.raises(Conflict, match=r"synonyms\.too_many"):
        synonyms.add_synonyms(admin, ["课件", "PPT"])


def test_the_list_is_narrowed_by_part_of_a_word_however_it_is_written(admin: Actor) -> None:
    synonyms.add_synonyms(admin, ["教案", "教学设计"])
    synonyms.add_synonyms(admin, ["课件", "PPT"])
    for text, total in (("", 2), ("教學", 1), ("ｐ", 1), ("没有", 0)):
        assert synonyms.list_synonyms(admin, text).total == total, text
    page = synonyms.list_synonyms(admin, page=2, size=1)
    assert (page.items[0].words, page.total, page.pages) == (["教案", "教学设计"], 2, 2)


def test_words_are_taken_apart_at_the_usual_signs() -> None:
    assert split_words(" 教案＝教学设计、 lesson  plan;\r\n\n学案，PPT/课件 ") == [
        "教案", "教学设计", "lesson plan", "学案", "PPT", "课件",
    ]  # fmt: skip
    assert split_words(" 、\n ") == []


def test_the_words_of_the_staff_room_keep_the_rules() -> None:
    sets: list[SynonymSet] = []
    for words in WORDS:
        assert problem(words, sets) is None, words
        sets.append(SynonymSet(words=list(words)))
    assert len(sets) > 30


# sheets


def sheet(*rows: str, header: str = synonym_sheets.HEADER) -> BytesIO:
    return workbook([[row] for row in rows], [header])


def sets_of(admin: Actor) -> list[list[str]]:
    return sorted(each.words for each in synonyms.list_synonyms(admin, size=100).items)


def test_a_sheet_comes_back_as_it_went_out(admin: Actor) -> None:
    synonyms.add_synonyms(admin, ["教案", "教学设计"])
    synonyms.add_synonyms(admin, ["课件", "PPT"])
    content = write_rows("同义词", [synonym_sheets.HEADER], synonym_sheets.sheet_rows(admin))
    taken = synonym_sheets.take_sheet(admin, BytesIO(content))
    assert (taken.added, taken.changed, taken.same, taken.problems) == (0, 0, 2, [])


def test_a_sheet_adds_changes_and_deletes_nothing(admin: Actor) -> None:
    for words in (["教案", "教学设计"], ["课件", "PPT"], ["学案", "导学案"]):
        synonyms.add_synonyms(admin, words)
    taken = synonym_sheets.take_sheet(admin, sheet("教案、教学方案", "PPT、课件", "试卷、卷子"))
    assert (taken.added, taken.changed, taken.same) == (1, 2, 0)
    assert sets_of(admin) == [["PPT", "课件"], ["学案", "导学案"], ["教案", "教学方案"], ["试卷", "卷子"]]
    assert others("卷子") == {"试卷"}


def test_a_word_may_move_and_a_set_may_be_split_within_one_sheet(admin: Actor) -> None:
    synonyms.add_synonyms(admin, ["教案", "教学设计", "课件"])
    synonyms.add_synonyms(admin, ["PPT", "幻灯片"])
    taken = synonym_sheets.take_sheet(admin, sheet("教案、教学设计", "PPT、幻灯片、课件"))
    assert (taken.added, taken.changed, taken.problems) == (0, 2, [])
    taken = synonym_sheets.take_sheet(admin, sheet("PPT、演示文稿", "课件、幻灯片"))
    assert (taken.added, taken.changed, taken.problems) == (1, 1, [])
    assert sets_of(admin) == [["PPT", "演示文稿"], ["教案", "教学设计"], ["课件", "幻灯片"]]


def test_one_bad_row_stops_the_whole_sheet_and_every_bad_row_is_named(admin: Actor) -> None:
    synonyms.add_synonyms(admin, ["教案", "教学设计"])
    taken = synonym_sheets.take_sheet(
        admin, sheet("试卷、卷子", "独自", "课件、PPT、ＰＰＴ", "卷子、考卷", "学案、=1+1")
    )
    assert [(each.row, each.code) for each in taken.problems] == [
        (3, "synonyms.number"), (4, "synonyms.twice"), (5, "synonyms.row_taken"),
    ]  # fmt: skip
    assert (taken.added, sets_of(admin)) == (0, [["教案", "教学设计"]])
    assert [each.code for each in synonym_sheets.take_sheet(admin, sheet("=A1")).problems] == [
        "sheet.formula",
        "synonyms.number",
    ]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (BytesIO(b"no workbook"), "sheet.not_a_workbook"),
        (sheet("教案、教学设计", header="词"), "sheet.header_missing"),
        (sheet(), "sheet.no_rows"),
    ],
)
def test_what_is_no_such_sheet_is_refused(admin: Actor, app: Flask, stream: BytesIO, code: str) -> None:
    stream.seek(0)
    with pytest.raises(Invalid) as refused:
        synonym_sheets.take_sheet(admin, stream)
    assert refused.value.code == code
    assert db.session.scalar(select(func.count()).select_from(SynonymSet)) == 0
