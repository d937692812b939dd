"""The other parts of the library by the API: voices, versions, reviews, packages, links, exports."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.factories import save
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import school_key
from tongyan.library.models import Resource
from tongyan.org.actors import actor_for

Program = Callable[..., FlaskClient]
API = "/api/v1"


def items(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["items"]
    return found


@pytest.fixture
def colleague(cast: SimpleNamespace, program: Program) -> FlaskClient:
    """Give the colleague's program."""
    return program(cast.colleague)


@pytest.fixture
def at(lesson: Resource) -> str:
    """Give the address of the shared resource."""
    return f"{API}/resources/{lesson.id}"


def test_ratings_come_and_go(own: FlaskClient, colleague: FlaskClient, at: str) -> None:
    assert colleague.put(f"{at}/rating", json={"stars": 4, "reason": "课堂上好用"}).status_code == 204
    given = items(own.get(f"{at}/ratings"))
    assert [(each["stars"], each["reason"], each["person"]["name"]) for each in given] == [(4, "课堂上好用", "乙老师")]
    assert own.get(at).json["tally"]["stars"] == 4
    assert own.put(f"{at}/rating", json={"stars": 5, "reason": "自己的最好"}).status_code == 403
    assert list(colleague.put(f"{at}/rating", json={"stars": 9, "reason": "课堂上好用"}).json["errors"]) == ["stars"]
    assert colleague.delete(f"{at}/rating").status_code == 204
    assert items(own.get(f"{at}/ratings")) == []


def test_comments_leave_their_place(own: FlaskClient, colleague: FlaskClient, at: str) -> None:
    said = colleague.post(f"{at}/comments", json={"text": "很好用"})
    assert (said.status_code, said.json["text"]) == (201, "很好用")
    assert colleague.delete(f"{API}/comments/{said.json['id']}").status_code == 204
    left = items(own.get(f"{at}/comments"))
    assert [(each["text"], each["deleted_at"] is not None) for each in left] == [("", True)]


def test_favourites_are_a_list(colleague: FlaskClient, at: str, lesson: Resource) -> None:
    assert colleague.put(f"{at}/favourite").status_code == 204
    assert [each["id"] for each in items(colleague.get(f"{API}/resources?favourites=true"))] == [str(lesson.id)]
    assert colleague.delete(f"{at}/favourite").status_code == 204
    assert items(colleague.get(f"{API}/resources?favourites=true")) == []


@pytest.mark.parametrize(("done", "state"), [(True, "done"), (False, "declined")])
def test_mistakes_are_answered(own: FlaskClient, colleague: FlaskClient, at: str, done: bool, state: str) -> None:
    told = colleague.post(f"{at}/corrections", json={"text": "第3页有错"})
    assert (told.status_code, told.json["state"]) == (201, "open")
    answer = {"done": done, "answer": "没有错"}
    assert own.post(f"{API}/corrections/{told.json['id']}/answer", json=answer).status_code == 204
    assert [each["state"] for each in items(colleague.get(f"{at}/corrections"))] == [state]


def test_lessons_choose_resources(
    own: FlaskClient, colleague: FlaskClient, at: str, lesson: Resource, cast: SimpleNamespace
) -> None:
    book_id, node_id = new_id(), new_id()
    path = f"/{book_id.hex}/"
    save(Node(id=book_id, level=Level.VOLUME, title="三年级上册", position=1, path=path, stage="primary"))
    path += f"{node_id.hex}/"
    save(Node(id=node_id, parent_id=book_id, level=Level.LESSON, title="山行", position=1, path=path, stage="primary"))
    assert colleague.post(f"{at}/uses", json={"node_id": str(node_id)}).status_code == 204
    used = items(own.get(f"{at}/uses"))
    assert [(each["node"]["title"], each["number"], each["people"]) for each in used] == [("山行", 1, ["乙老师"])]
    mine = items(colleague.get(f"{API}/uses"))
    chosen = mine[0]["chosen"][0]
    assert (chosen["resource"]["id"], chosen["newer"]) == (str(lesson.id), False)
    assert colleague.post(f"{API}/uses/{chosen['id']}/accept").status_code == 204
    own.post(f"{at}/unshare")
    assert items(colleague.get(f"{API}/uses"))[0]["chosen"][0]["resource"] is None
    assert colleague.delete(f"{API}/uses/{chosen['id']}").status_code == 204
    assert items(colleague.get(f"{API}/uses")) == []


def test_a_next_version_takes_the_place_of_the_present_one(
    own: FlaskClient, colleague: FlaskClient, at: str, lesson: Resource
) -> None:
    draft = own.post(f"{at}/revise").json
    assert (draft["state"], draft["revises_id"]) == ("draft", str(lesson.id))
    own.patch(f"{API}/resources/{draft['id']}", json={"version": draft["version"], "title": "山行（新）"})
    shared = own.post(f"{API}/resources/{draft['id']}/share", json={"audience": "", "note": "改了标题"})
    assert (shared.json["id"], shared.json["number"], shared.json["title"]) == (str(lesson.id), 2, "山行（新）")
    before = items(colleague.get(f"{at}/versions"))
    assert [(each["number"], each["said"]["title"], len(each["files"])) for each in before] == [(1, "山行", 1)]
    back = own.post(f"{at}/versions/1/restore").json
    assert (back["title"], back["revises_id"]) == ("山行", str(lesson.id))


def test_copies_follow_their_origin(own: FlaskClient, colleague: FlaskClient, at: str, lesson: Resource) -> None:
    copy = colleague.post(f"{at}/copy")
    assert (copy.status_code, copy.json["state"], copy.json["title"]) == (201, "draft", "山行")
    mine = f"{API}/resources/{copy.json['id']}"
    assert colleague.get(f"{mine}/update").json == {"origin": None}
    for title in ("二", "三"):
        draft = own.post(f"{at}/revise").json
        own.patch(f"{API}/resources/{draft['id']}", json={"version": draft["version"], "title": title})
        own.post(f"{API}/resources/{draft['id']}/share", json={"audience": ""})
        assert colleague.get(f"{mine}/update").json["origin"]["title"] == title
        if title == "二":
            assert colleague.post(f"{mine}/update/decline").status_code == 204
            assert colleague.get(f"{mine}/update").json == {"origin": None}
    assert colleague.post(f"{mine}/update/accept").json["title"] == "三"


def test_what_is_nominated_is_decided(
    cast: SimpleNamespace, own: FlaskClient, program: Program, shared: Callable[..., Resource]
) -> None:
    resource = shared(actor_for(cast.owner), school_key(cast.core.id))
    at, head = f"{API}/resources/{resource.id}", program(cast.head)
    for approve, state in ((False, "returned"), (True, "approved")):
        asked = own.post(f"{at}/nominate", json={"note": "请审"})
        assert (asked.json["level"], asked.json["state"]) == ("school", "pending")
        waiting = items(head.get(f"{API}/reviews?subject=chinese"))
        assert [each["id"] for each in waiting] == [asked.json["id"]]
        assert head.get(f"{API}/reviews/{asked.json['id']}").json["note"] == "请审"
        decision = {"approve": approve, "comment": "第3页有错"}
        assert head.post(f"{API}/reviews/{asked.json['id']}/decide", json=decision).status_code == 200
        assert items(own.get(f"{at}/reviews"))[0]["state"] == state
    assert own.get(at).json["standing"] == "school"


def test_a_review_is_taken_back(cast: SimpleNamespace, own: FlaskClient, shared: Callable[..., Resource]) -> None:
    resource = shared(actor_for(cast.owner), school_key(cast.core.id))
    at = f"{API}/resources/{resource.id}"
    own.post(f"{at}/nominate", json={})
    assert own.get(at).json["review_scope"] == school_key(cast.core.id)
    assert own.post(f"{at}/withdraw").json["review_scope"] is None


def test_a_package_grows(own: FlaskClient, lesson: Resource, at: str) -> None:
    made = own.post(f"{API}/packages", json={"title": "古诗", "subject": "语文", "grade": 3})
    assert (made.status_code, made.json["kind"]) == (201, "package")
    tree = f"{API}/packages/{made.json['id']}"
    first, second = (own.post(f"{tree}/headings", json={"title": title}).json["id"] for title in ("第一课", "第二课"))
    added = own.post(f"{tree}/entries", json={"resource_ids": [str(lesson.id)], "parent_id": first})
    assert added.status_code == 201
    entry = added.json["items"][0]["id"]
    assert own.patch(f"{API}/entries/{first}", json={"title": "第1课", "note": "先读"}).json["note"] == "先读"
    assert own.post(f"{API}/entries/{entry}/move", json={"parent_id": second}).status_code == 204
    shown = items(own.get(f"{tree}/tree"))
    assert [(each["number"], each["title"], each["is_heading"]) for each in shown] == [
        ("1", "第1课", True),
        ("2", "第二课", True),
    ]
    assert [(each["number"], each["resource_id"]) for each in shown[1]["entries"]] == [("2.1", str(lesson.id))]
    assert own.delete(f"{API}/entries/{second}").status_code == 204
    assert [each["title"] for each in items(own.get(f"{tree}/tree"))] == ["第1课"]
    assert [each["id"] for each in items(own.get(f"{API}/packages?shelf=mine"))] == [made.json["id"]]
    assert items(own.get(f"{API}/packages")) == []
    assert own.get(f"{API}/packages/{lesson.id}/tree").status_code == 404


def test_a_link_is_told_once(own: FlaskClient, at: str) -> None:
    made = own.post(f"{at}/links", json={"days": 7})
    assert made.status_code == 201
    path = made.json["address"].removeprefix("http://localhost")
    stranger = own.application.test_client()
    assert stranger.get(path).status_code == 200
    listed = items(own.get(f"{at}/links"))
    assert [("address" in each, each["opened"]) for each in listed] == [(False, 1)]
    assert own.delete(f"{API}/links/{made.json['id']}").status_code == 204
    assert stranger.get(path).status_code == 404
    assert list(own.post(f"{at}/links", json={"days": 0}).json["errors"]) == ["days"]


@pytest.mark.parametrize("mine", [True, False])
def test_an_export_is_fetched(own: FlaskClient, lesson: Resource, run_jobs: Callable[[], int], mine: bool) -> None:
    wanted = {"mine": True} if mine else {"resource_ids": [str(lesson.id)], "kind": "export_cartridge"}
    asked = own.post(f"{API}/exports", json=wanted)
    assert (asked.status_code, asked.json["state"]) == (201, "waiting")
    transfer = f"{API}/transfers/{asked.json['id']}"
    assert own.get(f"{transfer}/file").status_code == 404
    run_jobs()
    done = own.get(transfer).json
    assert (done["state"], done["stuck"]) == ("done", False)
    assert [each["id"] for each in items(own.get(f"{API}/transfers"))] == [done["id"]]
    archive = own.get(f"{transfer}/file", buffered=True)
    assert (archive.status_code, archive.data[:2]) == (200, b"PK")
    assert own.get(f"{transfer}/file", headers={"Range": "bytes=0-1"}, buffered=True).data == b"PK"
    assert own.delete(transfer).status_code == 204
    assert own.get(transfer).status_code == 404


def test_an_export_of_nothing_is_refused(own: FlaskClient) -> None:
    assert own.post(f"{API}/exports", json={"resource_ids": [str(uuid4())]}).json["code"] == "transfer.nothing"
