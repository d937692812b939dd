"""What few say every day: who helped, standards, readers, what is replaced; shown, checked, taken along."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories import LONG_AGO, fresh, save
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.seeding import import_seed
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Invalid
from tongyan.kernel.permissions import SYSTEM, Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.models import Difficulty, Resource, ResourceFile
from tongyan.library.services import ResourceEdit
from tongyan.org.actors import actor_for
from tongyan.org.models import PrepGroup, PrepGroupMember

SignIn = Callable[[Person], FlaskClient]
ActorOf = Callable[[Person], Actor]
Shared = Callable[..., Resource]
FORM = {
    "title": "山行", "kind": "courseware", "subject": "语文", "grade": "3", "licence": "cc-by",
    "contributors": "李老师 录制\n 王 老师：审校 \n\nJohn Smith", "for_whom": ["student", "teacher"],
    "difficulty": "advanced", "periods": "2", "domains": ["文学阅读与创意表达"],
    "competencies": ["审美创造", "文化自信"],
}  # fmt: skip


@pytest.fixture
def mine(cast: SimpleNamespace, owner: Actor, shared: Shared) -> Resource:
    """Give a shared resource of the owner, and the whole curriculum."""
    import_seed()
    return shared(owner, group_key(cast.group_a.id))


@pytest.fixture
def prep_group(cast: SimpleNamespace) -> PrepGroup:
    """Give a 备课组 in which the owner is, but not the colleague."""
    group = save(PrepGroup(scope=school_key(cast.core.id), name="三年级语文备课组", subject="语文", grade=3))
    save(PrepGroupMember(prep_group_id=group.id, person_id=cast.owner.id, from_on=LONG_AGO))
    return group


def edited(resource: Resource, **values: object) -> ResourceEdit:
    return ResourceEdit(title="山行", kind=resource.kind, subject="语文", grade=3, licence=resource.licence, **values)


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_everything_that_is_filled_in_is_kept_and_shown(
    cast: SimpleNamespace, sign_in: SignIn, mine: Resource, prep_group: PrepGroup
) -> None:
    client, path = sign_in(cast.owner), f"/library/{mine.id}/edit"
    sent = FORM | {"version": str(mine.version), "prep_group_id": str(prep_group.id)}
    assert client.post(path, data=sent).status_code == 302
    said = fresh(Resource, mine.id)
    assert said.contributors == [
        {"name": "李老师", "role": "录制"},
        {"name": "王 老师", "role": "审校"},
        {"name": "John Smith", "role": ""},
    ]
    assert (said.for_whom, said.difficulty, said.periods) == (["teacher", "student"], Difficulty.ADVANCED, 2)
    assert (said.domains, said.competencies) == (["文学阅读与创意表达"], ["审美创造", "文化自信"])
    assert said.prep_group_id == prep_group.id
    page = text_of(sign_in(cast.neighbour), f"/library/{mine.id}")
    for words in ("李老师 录制", "提高", "2 课时", "三年级语文备课组", "审美创造、文化自信", "教师、学生", "中文"):
        assert words in page, words
    form = text_of(client, path)
    assert "李老师 录制\nJohn" not in form
    assert "李老师 录制\n王 老师 审校\nJohn Smith</textarea>" in form.replace("\r", "")
    assert "<details" in form
    assert 'checked class="form-check-input" id="domains' in form or "checked" in form


def test_boxes_without_a_tick_empty_what_was_said(cast: SimpleNamespace, sign_in: SignIn, mine: Resource) -> None:
    client, path = sign_in(cast.owner), f"/library/{mine.id}/edit"
    client.post(path, data=FORM | {"version": str(mine.version)})
    version = fresh(Resource, mine.id).version
    kept = {name: FORM[name] for name in ("title", "kind", "subject", "grade", "licence")}
    assert client.post(path, data=kept | {"version": str(version)}).status_code == 302
    said = fresh(Resource, mine.id)
    assert (said.contributors, said.domains, said.competencies, said.for_whom) == ([], [], [], [])
    assert (said.difficulty, said.periods) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"periods": "0"},
        {"periods": "many"},
        {"for_whom": ["robots"]},
        {"contributors": "\n".join(f"老师{number} 合作" for number in range(30))},
    ],
)
def test_nonsense_is_refused_at_its_field(
    cast: SimpleNamespace, sign_in: SignIn, mine: Resource, wrong: dict[str, object]
) -> None:
    answer = sign_in(cast.owner).post(f"/library/{mine.id}/edit", data=FORM | {"version": str(mine.version)} | wrong)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.get_data(as_text=True)


def test_what_is_not_on_offer_is_refused(
    cast: SimpleNamespace, actor: ActorOf, mine: Resource, shared: Shared, prep_group: PrepGroup
) -> None:
    owner = actor(cast.owner)
    foreign = shared(actor(cast.colleague), group_key(cast.group_a.id))
    wrong = {
        "domains": ["没有这个领域"],
        "competencies": ["数感"],
        "for_whom": ["robots"],
        "periods": 41,
        "prep_group_id": uuid4(),
        "replaces_id": foreign.id,
    }
    with pytest.raises(Invalid) as refused:
        library.edit_resource(owner, mine.id, edited(mine, **wrong))
    assert set(refused.value.errors) == set(wrong)
    with pytest.raises(Invalid):
        library.edit_resource(actor(cast.colleague), foreign.id, edited(foreign, prep_group_id=prep_group.id))


def test_standards_belong_to_the_subject(cast: SimpleNamespace, sign_in: SignIn, mine: Resource) -> None:
    client = sign_in(cast.owner)
    maths = text_of(client, "/library/standards?subject=数学&grade=3&domains=统计与概率")
    assert "数与代数" in maths
    assert "数与运算、数量关系" in maths
    assert maths.count("checked") == 1
    assert "选定学科以后" in text_of(client, "/library/standards")
    sent = FORM | {"subject": "数学", "version": str(mine.version)}
    assert client.post(f"/library/{mine.id}/edit", data=sent).status_code == 302
    assert fresh(Resource, mine.id).domains == []  # those of 语文 were left behind


def test_a_standard_that_was_retired_stays_with_what_says_it(
    cast: SimpleNamespace, owner: Actor, sign_in: SignIn, mine: Resource
) -> None:
    domain = curriculum.standards_for("语文", "primary").domains[2]
    library.edit_resource(owner, mine.id, edited(mine, domains=[domain.title]))
    curriculum.retire_standard(SYSTEM, domain.id)
    library.edit_resource(owner, mine.id, edited(mine, domains=[domain.title]))
    assert domain.title in text_of(sign_in(cast.owner), f"/library/{mine.id}/edit")


def test_lists_are_narrowed_by_domain_and_competency(
    cast: SimpleNamespace, owner: Actor, sign_in: SignIn, mine: Resource, shared: Shared
) -> None:
    shared(owner, group_key(cast.group_a.id), "望洞庭.txt")
    library.edit_resource(owner, mine.id, edited(mine, domains=["整本书阅读"], competencies=["文化自信"]))
    client = sign_in(cast.neighbour)
    for query in ("domain=整本书阅读", "competency=文化自信", "domain=整本书阅读&competency=文化自信"):
        assert "共 1 份资源" in text_of(client, f"/library?{query}"), query
    assert "共 0 份资源" in text_of(client, "/library?domain=整本书阅读&competency=审美创造")
    page = text_of(client, "/library?subject=语文")
    assert "全部内容领域" in page
    assert "整本书阅读" in page
    assert "全部内容领域" not in text_of(client, "/library")


def test_the_sheet_says_all_of_it_with_few_statements(
    cast: SimpleNamespace,
    sign_in: SignIn,
    mine: Resource,
    shared: Shared,
    count_statements: Callable[[Callable[[], object]], int],
) -> None:
    owner = actor_for(cast.owner)
    library.edit_resource(
        owner, mine.id, edited(mine, domains=["整本书阅读"], contributors=[{"name": "李老师", "role": "录制"}])
    )
    client = sign_in(cast.neighbour)
    answer = client.get("/library/export.xlsx")
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    said = dict(zip(rows[0], rows[1], strict=True))
    assert (said["标题"], said["课标内容领域"], said["贡献者"]) == ("山行", "整本书阅读", "李老师（录制）")
    one = count_statements(lambda: client.get("/library/export.xlsx"))
    for number in range(3):
        shared(owner, group_key(cast.group_a.id), f"第{number}课.txt")
    assert count_statements(lambda: client.get("/library/export.xlsx")) == one


def test_what_took_the_place_of_another_is_said_on_both(
    cast: SimpleNamespace, owner: Actor, sign_in: SignIn, mine: Resource, shared: Shared
) -> None:
    older = shared(owner, group_key(cast.group_a.id), "旧山行.txt")
    form = text_of(sign_in(cast.owner), f"/library/{mine.id}/edit")
    assert f'value="{older.id}"' in form
    library.edit_resource(owner, mine.id, edited(mine, replaces_id=older.id))
    reader = sign_in(cast.neighbour)
    assert f'href="/library/{older.id}"' in text_of(reader, f"/library/{mine.id}")
    page = text_of(reader, f"/library/{older.id}")
    assert "已有一份替代它" in page
    assert f'href="/library/{mine.id}"' in page
    with pytest.raises(Invalid) as refused:
        library.edit_resource(owner, older.id, edited(older, replaces_id=mine.id))
    assert refused.value.errors == {"replaces_id": ["resource.replaces_circle"]}
    library.unshare_resource(owner, older.id)
    library.edit_resource(owner, mine.id, edited(mine, replaces_id=older.id))  # it said so already
    assert f'href="/library/{older.id}"' not in text_of(reader, f"/library/{mine.id}")


def test_a_group_that_one_left_stays_on_offer(
    cast: SimpleNamespace, sign_in: SignIn, mine: Resource, prep_group: PrepGroup, actor: ActorOf
) -> None:
    library.edit_resource(actor(cast.owner), mine.id, edited(mine, prep_group_id=prep_group.id))
    with transaction() as session:
        session.get_one(PrepGroup, prep_group.id).ended_on = LONG_AGO
    assert "三年级语文备课组" in text_of(sign_in(cast.owner), f"/library/{mine.id}/edit")
    library.edit_resource(actor(cast.owner), mine.id, edited(mine, prep_group_id=prep_group.id))


def test_the_original_author_keeps_that_role(cast: SimpleNamespace, sign_in: SignIn, mine: Resource) -> None:
    client = sign_in(cast.owner)
    sent = FORM | {"contributors": "赵老师 原作者", "version": str(mine.version)}
    assert client.post(f"/library/{mine.id}/edit", data=sent).status_code == 302
    assert fresh(Resource, mine.id).contributors == [{"name": "赵老师", "role": "original"}]
    assert "赵老师 原作者" in text_of(client, f"/library/{mine.id}/edit")
    client.post("/menu/preferences", data={"locale": "en"})
    assert "赵老师 Creator" in text_of(client, f"/library/{mine.id}/edit")
    sent |= {"contributors": "赵老师 Creator", "version": str(fresh(Resource, mine.id).version)}
    assert client.post(f"/library/{mine.id}/edit", data=sent).status_code == 302
    assert fresh(Resource, mine.id).contributors == [{"name": "赵老师", "role": "original"}]


def test_the_language_is_told_from_the_words(
    ingested: Callable[..., ResourceFile], owner: Actor, run_jobs: Callable[[], int]
) -> None:
    english = " ".join(["There is a little house on the hill and nobody lives there"] * 5).encode()
    first = ingested("house.txt", english).resource
    assert fresh(Resource, first.id).language == "en"
    version = fresh(Resource, first.id).version
    chinese = ingested("山行.txt", ("远上寒山石径斜，白云生处有人家。" * 5).encode()).resource
    assert fresh(Resource, chinese.id).language == "zh"
    library.edit_resource(owner, first.id, ResourceEdit(title="house", kind=first.kind), version)
    assert fresh(Resource, first.id).language == "en"
