"""Corrections: a mistake that somebody found is a task of whoever keeps the resource."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import fresh, save
from tests.library.voices import published, told
from tongyan.accounts.models import Person
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Correction, CorrectionState, FileState, Resource, ResourceFile
from tongyan.library.services import Mistake

Acting = Callable[[Person], Actor]
SignIn = Callable[[Person], FlaskClient]


def with_file(resource: Resource, name: str = "山行.pdf", pages: int | None = 4) -> ResourceFile:
    """Save a file of a resource."""
    file: ResourceFile = save(
        ResourceFile(id=new_id(), resource_id=resource.id, name=name, size=1, state=FileState.READY, page_count=pages)
    )
    return file


def test_a_mistake_becomes_a_task_of_the_owner(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    file = with_file(resource)
    data = {"correction-file": str(file.id), "correction-page": "3", "correction-text": "“径”注音有错"}
    answer = sign_in(cast.neighbour).post(f"/library/{resource.id}/corrections", data=data)
    assert answer.location == f"/library/{resource.id}/voices"
    assert told(cast.owner) == ["library.correction"]

    page = sign_in(cast.colleague).get(f"/library/{resource.id}/voices").text
    for words in ("1 处待更正", "“山行.pdf”第 3 页", "“径”注音有错", "戊老师"):
        assert words in page
    assert "答复" not in page
    assert "1 处待更正" in sign_in(cast.colleague).get(f"/library/{resource.id}").text
    desk = sign_in(cast.owner).get("/").text
    assert "第 3 页有错" in desk
    assert "第 3 页有错" not in sign_in(cast.colleague).get("/").text


ANSWERS = {
    "done": ("", CorrectionState.DONE, "已更正"),
    "declined": ("课本就是这样", CorrectionState.DECLINED, "答复：课本就是这样"),
}


@pytest.mark.parametrize("pressed", ANSWERS)
def test_the_owner_answers_and_who_found_it_is_told(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn, pressed: str
) -> None:
    answer, state, said = ANSWERS[pressed]
    resource = published(cast)
    found = library.report_correction(actor(cast.neighbour), resource.id, Mistake("第3页有错"))
    browser, address = sign_in(cast.owner), f"/library/corrections/{found.id}"
    assert "第3页有错" in browser.get(address).text
    assert browser.post(address, data={pressed: "1", "answer": answer}).status_code == 302
    assert fresh(Correction, found.id).state is state
    assert told(cast.neighbour) == [f"library.correction_{pressed}"]
    page = sign_in(cast.colleague).get(f"/library/{resource.id}/voices").text
    assert "已答复 1 处" in page
    assert said in page
    assert "没有待更正的地方" in page
    assert "有一处错误" not in browser.get("/").text
    assert browser.post(address, data={"done": "1"}).status_code == 409
    assert "已改好" not in browser.get(address).text


def test_to_leave_it_needs_a_reason(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    found = library.report_correction(actor(cast.neighbour), published(cast).id, Mistake("有错"))
    answer = sign_in(cast.owner).post(f"/library/corrections/{found.id}", data={"declined": "1", "answer": " "})
    assert (answer.status_code, "不改的话，请写明理由" in answer.text) == (422, True)
    with pytest.raises(Invalid):
        library.answer_correction(actor(cast.owner), found.id, CorrectionState.DONE, "好" * 1001)


def test_the_owners_own_note_tells_nobody(cast: SimpleNamespace, actor: Acting) -> None:
    found = library.report_correction(actor(cast.owner), published(cast).id, Mistake("下次改第2页"))
    library.answer_correction(actor(cast.owner), found.id, CorrectionState.DONE)
    assert told(cast.owner) == []


def test_what_a_school_keeps_is_its_heads_task(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast, in_keeping=True)
    found = library.report_correction(actor(cast.neighbour), resource.id, Mistake("有错"))
    assert (told(cast.head), told(cast.owner)) == (["library.correction"], [])
    assert "有一处错误" in sign_in(cast.head).get("/").text
    assert "有一处错误" not in sign_in(cast.owner).get("/").text
    library.answer_correction(actor(cast.head), found.id, CorrectionState.DONE, "已改")


def test_without_a_head_a_kept_resource_has_nobody_to_tell(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, in_keeping=True, school_id=cast.rural.id)
    library.report_correction(actor(cast.colleague), resource.id, Mistake("有错"))
    assert told(cast.owner) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"correction-text": " "}, "请写明哪里不对"),
        ({"correction-text": "好" * 1001}, "请写明哪里不对"),
        ({"correction-page": "0"}, "页码要在 1 到 4 之间"),
        ({"correction-page": "5"}, "页码要在 1 到 4 之间"),
        ({"correction-page": "三"}, "aria-invalid"),
        ({"correction-file": "", "correction-page": "2001"}, "页码要在 1 到 2000 之间"),
        ({"correction-file": "00000000-0000-0000-0000-000000000001"}, "这一项的内容不对"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(
    cast: SimpleNamespace, sign_in: SignIn, data: dict[str, str], said: str
) -> None:
    resource = published(cast)
    whole = {"correction-file": str(with_file(resource).id), "correction-page": "3", "correction-text": "注音有错"}
    with_file(resource, "江雪.pdf", None)
    answer = sign_in(cast.colleague).post(f"/library/{resource.id}/corrections", data=whole | data)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert (whole | data)["correction-text"] in answer.text


def test_a_place_is_named_as_far_as_it_is_known(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource, by = published(cast), actor(cast.colleague)
    file = with_file(resource)
    for mistake in (Mistake("甲", file.id), Mistake("乙", page=7), Mistake("丙")):
        library.report_correction(by, resource.id, mistake)
    page = sign_in(cast.colleague).get(f"/library/{resource.id}/voices").text
    for place in ("<strong>山行.pdf</strong>", "<strong>第 7 页</strong>", "<strong>整个资源</strong>", "3 处待更正"):
        assert place in page


def test_only_who_keeps_it_answers(cast: SimpleNamespace, actor: Acting) -> None:
    found = library.report_correction(actor(cast.neighbour), published(cast).id, Mistake("有错"))
    for person in (cast.colleague, cast.neighbour, cast.head):
        with pytest.raises(Forbidden):
            library.answer_correction(actor(person), found.id, CorrectionState.DONE)
        with pytest.raises(Forbidden):
            library.get_correction(actor(person), found.id)
    for door in (library.get_correction, lambda by, id_: library.answer_correction(by, id_, CorrectionState.DONE)):
        with pytest.raises(NotFound):
            door(actor(cast.outsider), found.id)
        with pytest.raises(NotFound):
            door(actor(cast.owner), new_id())
    library.answer_correction(actor(cast.owner), found.id, CorrectionState.DONE)
    with pytest.raises(Conflict):
        library.answer_correction(actor(cast.owner), found.id, CorrectionState.DONE)
