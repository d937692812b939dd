"""A school says which books it uses: its head chooses, its staff reads, the others do not know."""

import io
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories import appoint, save
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Node
from tongyan.curriculum.seeding import node_id
from tongyan.curriculum.terms import Term, parse_term, term_of
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.errors import Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, school_key
from tongyan.org.models import OfficeKind, School, Stage

SignIn = Callable[[Person], FlaskClient]
Acting = Callable[[Person], Actor]
MATHS, CHINESE = ("primary", "数学"), ("primary", "语文")
PAGE = "/curriculum/editions"


def field(subject: tuple[str, str], grade: int | None = None) -> str:
    return f"edition-{node_id(*subject)}" + (f"/{grade}" if grade else "")


def sent(cast: SimpleNamespace, term: Term, **editions: str) -> dict[str, object]:
    chosen = {field(MATHS): node_id(*MATHS, name) for name in editions.values()}
    return {"school": cast.core.id, "term": str(term)} | chosen


def present() -> Term:
    return term_of(today())


def test_the_head_chooses_and_the_staff_reads(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    head, teacher = sign_in(cast.head), sign_in(cast.owner)
    assert "校长还没有选定" in teacher.get(PAGE).get_data(as_text=True)
    data = sent(cast, present(), maths="北师大版") | {field(MATHS, 3): node_id(*MATHS, "人教版"), field(CHINESE): ""}
    assert "已保存" in head.post(PAGE, data=data, follow_redirects=True).get_data(as_text=True)
    page = teacher.get(PAGE).get_data(as_text=True)
    assert "北师大版" in page
    assert "三年级: 人教版" in page
    assert 'name="edition-' not in page
    assert 'name="edition-' in head.get(PAGE).get_data(as_text=True)
    db.session.rollback()
    done = db.session.query(AuditEntry).filter_by(action="curriculum:editions:choose").one()
    assert done.subject == f"school:{cast.core.id}"


def test_only_the_head_and_administrators_choose(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    data = sent(cast, present(), maths="人教版")
    for role, status in (("owner", 403), ("group_head", 403), ("neighbour", 404), ("outsider", 404), ("former", 404)):
        assert sign_in(getattr(cast, role)).post(PAGE, data=data).status_code == status, role
    for role in ("head", "admin"):
        assert sign_in(getattr(cast, role)).post(PAGE, data=data).status_code == 302


def test_another_schools_head_finds_nothing(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    appoint(cast.neighbour, OfficeKind.SCHOOL_HEAD, school_key(cast.rural.id))
    client = sign_in(cast.neighbour)
    assert client.get(PAGE).status_code == 200
    hidden, missing = (client.get(f"{PAGE}?school={school}") for school in (cast.core.id, uuid4()))
    assert hidden.status_code == missing.status_code == 404
    assert client.post(PAGE, data=sent(cast, present(), maths="人教版")).status_code == 404
    assert client.get(f"{PAGE}/export.xlsx?school={cast.core.id}").status_code == 404


def test_who_works_nowhere_has_no_page(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(cast.former).get(PAGE).status_code == 404


def test_a_head_without_a_posting_reaches_the_school(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    appoint(cast.former, OfficeKind.SCHOOL_HEAD, school_key(cast.rural.id))
    assert cast.rural.short_name in sign_in(cast.former).get(PAGE).get_data(as_text=True)


def test_administrators_choose_among_all_schools(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    page = sign_in(cast.admin).get(f"{PAGE}?school={cast.other.id}").get_data(as_text=True)
    assert all(school.name in page for school in (cast.core, cast.rural, cast.other))


def test_choices_hold_until_they_are_made_anew(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    head, this, later = sign_in(cast.head), present(), present().next()
    head.post(PAGE, data=sent(cast, this, maths="北师大版"))
    page = head.get(f"{PAGE}?term={later}").get_data(as_text=True)
    assert "沿用" in page
    head.post(PAGE, data=sent(cast, later, maths="人教版"))
    now, then = (head.get(f"{PAGE}?term={term}").get_data(as_text=True) for term in (this, later))
    north = str(node_id(*MATHS, "北师大版"))
    assert f'value="{north}" selected' in " ".join(now.split())
    assert f'value="{north}" selected' not in " ".join(then.split())
    assert "这个学期已选定" in then


def test_history_is_read_not_written(cast: SimpleNamespace, actor: Acting, sign_in: SignIn, seeded: None) -> None:
    past = Term(present().year - 2, 1)
    page = sign_in(cast.head).get(f"{PAGE}?term={past}").get_data(as_text=True)
    assert 'name="edition-' not in page
    answer = sign_in(cast.head).post(PAGE, data=sent(cast, past, maths="人教版"), follow_redirects=True)
    assert "只能为本学期和下学期选定版本" in answer.get_data(as_text=True)
    assert curriculum.terms_chosen(actor(cast.head), cast.core.id) == []
    curriculum.choose_editions(
        actor(cast.head), cast.core.id, present(), {(node_id(*MATHS), None): node_id(*MATHS, "人教版")}
    )
    assert curriculum.terms_chosen(actor(cast.owner), cast.core.id) == [present()]
    with pytest.raises(NotFound):
        curriculum.terms_chosen(actor(cast.outsider), cast.core.id)


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    ("subject", "edition", "sentence"),
    [
        (field(MATHS), (*CHINESE, "统编版"), "所选的版本不属于这个学科"),
        (field(MATHS, 9), (*MATHS, "人教版"), "所选的版本不属于这个学科"),
        (field(("senior", "数学")), ("senior", "数学", "人教A版"), "所选的版本不属于这个学科"),
        (field(MATHS), None, "至少要选定一个学科的版本"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    cast: SimpleNamespace,
    sign_in: SignIn,
    subject: str,
    edition: tuple[str, ...] | None,
    sentence: str,
) -> None:
    data = {"school": cast.core.id, "term": str(present()), subject: node_id(*edition) if edition else ""}
    answer = sign_in(cast.head).post(PAGE, data=data, follow_redirects=True)
    assert sentence in answer.get_data(as_text=True)


def test_nonsense_is_refused(cast: SimpleNamespace, sign_in: SignIn, actor: Acting, seeded: None) -> None:
    data = {"school": cast.core.id, "edition-nonsense": "x"}
    answer = sign_in(cast.head).post(PAGE, data=data, follow_redirects=True)
    assert "没有保存" in answer.get_data(as_text=True)
    with pytest.raises(Forbidden):
        curriculum.choose_editions(actor(cast.owner), cast.core.id, present(), {})
    with pytest.raises(Invalid):
        curriculum.choose_editions(actor(cast.head), cast.core.id, present(), {})


def test_a_stage_without_a_catalogue_says_so(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    school = save(School(name="清江幼儿园", short_name="清幼", stages=[Stage.KINDERGARTEN]))
    page = sign_in(cast.admin).get(f"{PAGE}?school={school.id}").get_data(as_text=True)
    assert "这所学校的学段没有教材可选" in page


def test_the_choices_go_out_as_a_workbook(cast: SimpleNamespace, sign_in: SignIn, node: Callable[..., Node]) -> None:
    head = sign_in(cast.head)
    head.post(PAGE, data=sent(cast, present(), maths="北师大版") | {field(MATHS, 3): node_id(*MATHS, "人教版")})
    answer = head.get(f"{PAGE}/export.xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    publisher = node(*MATHS, "北师大版").data["publisher"]
    assert ("小学", "数学", "全部年级", "北师大版", publisher) in rows
    assert ("小学", "数学", "三年级", "人教版") in [row[:4] for row in rows]
    assert ("小学", "语文") in [row[:2] for row in rows if not row[3]]


@pytest.mark.parametrize(
    ("day", "term"), [(date(2026, 9, 1), "2026-1"), (date(2027, 1, 20), "2026-1"), (date(2027, 3, 1), "2026-2")]
)
def test_a_day_lies_in_a_term(day: date, term: str) -> None:
    assert str(term_of(day)) == term
    assert parse_term(term) == term_of(day)
    assert parse_term(f"{term}x") is None


def test_terms_follow_one_another() -> None:
    assert Term(2026, 1).next() == Term(2026, 2)
    assert Term(2026, 2).next() == Term(2027, 1)
