"""What the curriculum standards name: found for every subject, tended by administrators, followed by resources."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.curriculum.conftest import put_at
from tests.factories import fresh
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Standard, StandardKind
from tongyan.curriculum.seeding import import_seed
from tongyan.curriculum.standards_seeding import standard_id
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key
from tongyan.library.models import Resource

SignIn = Callable[[Person], FlaskClient]
ActorOf = Callable[[Person], Actor]
NUMBERS = standard_id("2022", "数学", StandardKind.DOMAIN, "数与代数")
PAGE = "/curriculum/standards"


def titles(subject: str | None, stage: str | None = None, grade: int | None = None) -> tuple[list[str], list[str]]:
    found = curriculum.standards_for(subject, stage, grade)
    return [each.title for each in found.competencies], [each.title for each in found.domains]


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


@pytest.mark.usefixtures("seeded")
class TestLookingUp:
    def test_a_subject_has_its_competencies_and_domains_in_their_order(self) -> None:
        competencies, domains = titles("语文", "primary", 3)
        assert competencies == ["文化自信", "语言运用", "思维能力", "审美创造"]
        assert domains[0] == "语言文字积累与梳理"

    def test_the_themes_of_a_domain_are_kept_with_it(self) -> None:
        row = curriculum.standards_for("数学", "primary").domains[0]
        assert (row.title, row.note) == ("数与代数", "数与运算、数量关系、数与式、方程与不等式、函数")

    @pytest.mark.parametrize(("stage", "grade"), [("senior", None), (None, 10), ("senior", 11)])
    def test_the_senior_stage_follows_its_own_standards(self, stage: str | None, grade: int | None) -> None:
        assert "数学抽象" in titles("数学", stage, grade)[0]
        assert "数感" in titles("数学", "junior", 7)[0]

    @pytest.mark.parametrize(
        ("subject", "expected"),
        [("艺术·音乐", "审美感知"), ("劳动与技术", "劳动观念"), ("信息技术", "计算思维"), ("中国历史", "唯物史观")],
    )
    def test_a_subject_of_the_books_is_found_under_its_name_in_the_standards(self, subject: str, expected: str) -> None:
        assert expected in titles(subject, "junior")[0]

    @pytest.mark.parametrize("subject", [None, "", "没有这门学科"])
    def test_what_no_standard_names_has_none(self, subject: str | None) -> None:
        assert titles(subject) == ([], [])

    def test_a_list_offers_the_titles_of_a_subject_at_every_stage(self) -> None:
        offered = curriculum.standard_titles("数学")
        domains = offered[StandardKind.DOMAIN]
        assert domains.index("数与代数") < domains.index("预备知识")
        assert "数感" in offered[StandardKind.COMPETENCY]
        assert set(map(tuple, curriculum.standard_titles(None).values())) == {()}


def test_importing_again_updates_in_place_and_leaves_alone_what_was_touched(
    seeded: None, cast: SimpleNamespace, actor: ActorOf, seed_file: Path, tmp_path: Path
) -> None:
    with transaction() as session:
        session.get_one(Standard, standard_id("2022", "语文", StandardKind.DOMAIN, "跨学科学习")).note = "手改"
    curriculum.change_standard(actor(cast.admin), NUMBERS, "数和代数")
    import_seed(seed_file)
    assert fresh(Standard, NUMBERS).title == "数和代数"
    assert fresh(Standard, standard_id("2022", "语文", StandardKind.DOMAIN, "跨学科学习")).note == ""
    more = json.loads(seed_file.read_text(encoding="utf-8"))
    more["standards"]["2022"]["subjects"][0]["domains"].append("新领域")
    corrected = tmp_path / "seed.json"
    corrected.write_text(json.dumps(more, ensure_ascii=False), encoding="utf-8")
    import_seed(corrected)
    assert titles("道德与法治")[1][-1] == "新领域"


def test_everybody_reads_the_standards_and_administrators_tend_them(
    seeded: None, cast: SimpleNamespace, sign_in: SignIn
) -> None:
    teacher, admin = sign_in(cast.owner), sign_in(cast.admin)
    page = text_of(teacher, f"{PAGE}?std=2022&subject=数学")
    assert "数与代数" in page
    assert "/library?domain=" in page
    assert "添加一项" not in page
    assert "添加一项" in text_of(admin, f"{PAGE}?std=2022&subject=数学")
    assert "普通高中" in text_of(teacher, f"{PAGE}?std=nonsense&subject=nonsense")


def test_without_standards_the_page_says_so(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert "还没有录入课程标准" in text_of(sign_in(cast.admin), PAGE)


def test_an_administrator_adds_one(seeded: None, cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.admin)
    sent = {"std": "2022", "subject": "数学", "kind": "domain", "title": " 数学 文化 ", "note": "数学史"}
    assert client.post(PAGE, data=sent).status_code == 302
    added = curriculum.standards_for("数学", "primary").domains[-1]
    assert (added.title, added.note) == ("数学 文化", "数学史")
    for wrong in ({"title": "数与代数"}, {"title": ""}, {"title": "x" * 65}, {"kind": "nonsense"}, {"note": "x" * 501}):
        assert client.post(PAGE, data=sent | wrong).status_code == 422, wrong
    assert client.post(PAGE, data=sent | {"subject": "没有", "title": "别的"}).status_code == 404
    assert client.post(PAGE, data=sent | {"std": "1999"}).status_code == 404


def test_the_first_of_its_kind_can_be_added(seeded: None, cast: SimpleNamespace, actor: ActorOf) -> None:
    curriculum.add_standard(actor(cast.admin), "2017", "音乐", StandardKind.DOMAIN, "音乐鉴赏")
    assert titles("音乐", "senior")[1] == ["音乐鉴赏"]


def test_a_retired_one_is_offered_no_longer_until_it_is_revived(
    seeded: None, cast: SimpleNamespace, sign_in: SignIn
) -> None:
    client, there = sign_in(cast.admin), f"{PAGE}?subject=数学"
    assert client.post(f"{PAGE}/{NUMBERS}/retire").status_code == 302
    assert "数与代数" not in titles("数学", "primary")[1]
    assert "已停用" in text_of(client, there)
    assert "数与代数" not in text_of(sign_in(cast.owner), there)
    assert client.post(f"{PAGE}/{NUMBERS}/revive").status_code == 302
    assert "数与代数" in titles("数学", "primary")[1]


def test_resources_follow_a_new_name(
    seeded: None,
    cast: SimpleNamespace,
    sign_in: SignIn,
    run_jobs: Callable[[], int],
) -> None:
    group = group_key(cast.group_a.id)
    rows = {
        "here": put_at(None, cast.owner, group, subject="数学", grade=3),
        "twice": put_at(None, cast.owner, group, subject="数学", grade=3),
        "senior": put_at(None, cast.owner, group, subject="数学", grade=10),
        "other": put_at(None, cast.owner, group, subject="语文", grade=3),
    }
    with transaction() as session:
        for name, row in rows.items():
            session.get_one(Resource, row.id).domains = ["数与代数", *(["数和代数"] if name == "twice" else [])]
    client = sign_in(cast.admin)
    assert "数与代数" in text_of(client, f"{PAGE}/{NUMBERS}")
    answer = client.post(f"{PAGE}/{NUMBERS}", data={"title": "数和代数", "note": "数与运算"})
    assert answer.status_code == 302
    run_jobs()
    said = {name: fresh(Resource, row.id).domains for name, row in rows.items()}
    assert said == {"here": ["数和代数"], "twice": ["数和代数"], "senior": ["数与代数"], "other": ["数与代数"]}


def test_a_new_name_must_be_one(seeded: None, cast: SimpleNamespace, sign_in: SignIn, actor: ActorOf) -> None:
    client, me = sign_in(cast.admin), actor(cast.admin)
    assert client.post(f"{PAGE}/{NUMBERS}", data={"title": "图形与几何"}).status_code == 422
    with pytest.raises(Invalid):
        curriculum.change_standard(me, NUMBERS, "  ")
    with pytest.raises(Invalid):
        curriculum.change_standard(me, NUMBERS, "数与代数", "x" * 501)
    assert client.get(f"{PAGE}/{uuid4()}").status_code == 404
    same = curriculum.change_standard(me, NUMBERS, "数与代数", "别的主题")
    assert same.note == "别的主题"


def test_nobody_else_changes_them(seeded: None, cast: SimpleNamespace, actor: ActorOf) -> None:
    me = actor(cast.head)
    deeds = (
        lambda: curriculum.add_standard(me, "2022", "数学", StandardKind.DOMAIN, "x"),
        lambda: curriculum.change_standard(me, NUMBERS, "x"),
        lambda: curriculum.retire_standard(me, NUMBERS),
        lambda: curriculum.revive_standard(me, NUMBERS),
    )
    for deed in deeds:
        with pytest.raises(Forbidden):
            deed()
    with pytest.raises(NotFound):
        curriculum.standard_sheet(me, "1999")
