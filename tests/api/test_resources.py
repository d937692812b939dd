"""Resources by the API: found, shown, changed, shared, thrown away; their files by range."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.factories import fresh, save
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import group_key, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceFile, ResourceState
from tongyan.org.actors import actor_for

Program = Callable[..., FlaskClient]
API = "/api/v1"


@pytest.fixture
def node(cast: SimpleNamespace) -> dict[str, Any]:
    """Give a small curriculum: a stage and a lesson right below it."""
    stage_id, lesson_id = new_id(), new_id()
    stage = Node(id=stage_id, level=Level.STAGE, title="小学", position=1, path=f"/{stage_id.hex}/", stage="primary")
    save(stage)
    save(
        Node(
            id=lesson_id, parent_id=stage_id, level=Level.LESSON, title="山行", position=1, stage="primary",
            path=f"/{stage_id.hex}/{lesson_id.hex}/", subject="语文", grade=3,
        )
    )  # fmt: skip
    return {"stage": str(stage_id), "lesson": str(lesson_id)}


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def test_me_says_in_whose_name_one_acts(cast: SimpleNamespace, own: FlaskClient, program: Program) -> None:
    said = own.get(f"{API}/me").json
    assert (said["id"], said["name"], said["login"]) == (str(cast.owner.id), "甲老师", cast.owner.login)
    assert (said["schools"], said["groups"]) == ([str(cast.core.id)], [str(cast.group_a.id)])
    assert (said["token"]["name"], said["token"]["may_write"]) == ("程序", True)
    head = program(cast.head).get(f"{API}/me").json
    assert head["offices"] == [{"kind": "school_head", "scope": school_key(cast.core.id), "subject": None}]


def test_one_sees_the_schools_and_groups_near_one(cast: SimpleNamespace, own: FlaskClient, program: Program) -> None:
    schools = {item["name"] for item in own.get(f"{API}/schools").json["items"]}
    assert schools == {"清江实验小学", "清江乡村小学"}
    assert own.get(f"{API}/schools?text=乡村").json["total"] == 1
    groups = own.get(f"{API}/groups").json["items"]
    assert [group["name"] for group in groups] == ["清江教育集团"]
    assert {school["name"] for school in groups[0]["schools"]} == schools
    assert ids(program(cast.former).get(f"{API}/groups")) == []


def test_a_list_holds_what_is_shared_with_one(
    cast: SimpleNamespace, lesson: Resource, own: FlaskClient, program: Program
) -> None:
    found = program(cast.neighbour).get(f"{API}/resources?grade=3&kind={lesson.kind.value}").json
    assert (found["total"], found["page"], found["pages"], found["size"]) == (1, 1, 1, 24)
    item = found["items"][0]
    assert (item["id"], item["title"], item["owner"]["name"]) == (str(lesson.id), "山行", "甲老师")
    assert item["address"] == f"http://localhost/library/{lesson.id}"
    assert ids(program(cast.outsider).get(f"{API}/resources")) == []
    assert ids(own.get(f"{API}/resources?grade=4")) == []
    assert ids(own.get(f"{API}/resources?school={uuid4()}")) == []
    assert ids(own.get(f"{API}/resources?mine=true&text=山")) == [str(lesson.id)]


def test_pages_follow_one_another(cast: SimpleNamespace, own: FlaskClient, shared: Callable[..., Resource]) -> None:
    made = [shared(actor_for(cast.owner), school_key(cast.core.id), f"{n}.txt").id for n in range(3)]
    pages = [ids(own.get(f"{API}/resources?size=2&sort=oldest&page={page}")) for page in (1, 2, 3)]
    assert pages == [[str(made[0]), str(made[1])], [str(made[2])], []]


def test_a_resource_says_all_it_is(cast: SimpleNamespace, lesson: Resource, program: Program) -> None:
    said = program(cast.colleague).get(f"{API}/resources/{lesson.id}").json
    assert (said["audience"], said["licence"], said["stage"]) == (group_key(cast.group_a.id), "cc-by", "primary")
    assert said["files"][0]["addresses"]["original"].endswith("/%E5%B1%B1%E8%A1%8C.txt")
    hidden = program(cast.outsider).get(f"{API}/resources/{lesson.id}")
    assert (hidden.status_code, hidden.json["code"]) == (404, "not_found")


def test_what_is_named_changes_and_the_rest_stays(own: FlaskClient, lesson: Resource) -> None:
    before = own.get(f"{API}/resources/{lesson.id}").json
    sent = {"version": before["version"], "title": "山行（修改）", "keywords": ["古诗"], "for_whom": ["student"]}
    after = own.patch(f"{API}/resources/{lesson.id}", json=sent)
    assert after.status_code == 200, after.json
    changed = {name for name in before if before[name] != after.json[name]}
    assert changed == {"title", "keywords", "for_whom", "version", "updated_at"}
    assert own.get(f"{API}/resources/{lesson.id}").json == after.json


def test_a_stale_change_is_refused(own: FlaskClient, lesson: Resource) -> None:
    version = own.get(f"{API}/resources/{lesson.id}").json["version"]
    assert own.patch(f"{API}/resources/{lesson.id}", json={"version": version, "title": "一"}).status_code == 200
    answer = own.patch(f"{API}/resources/{lesson.id}", json={"version": version, "title": "二"})
    assert (answer.status_code, answer.json["code"]) == (409, "conflict.stale")
    assert fresh(Resource, lesson.id).title == "一"


def test_a_rule_of_the_library_answers_by_field(own: FlaskClient, lesson: Resource) -> None:
    version = own.get(f"{API}/resources/{lesson.id}").json["version"]
    answer = own.patch(f"{API}/resources/{lesson.id}", json={"version": version, "title": " "})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["title"])


def test_a_new_place_drops_the_old_node(
    own: FlaskClient, lesson: Resource, cast: SimpleNamespace, node: dict[str, Any]
) -> None:
    version = own.get(f"{API}/resources/{lesson.id}").json["version"]
    placed = own.patch(f"{API}/resources/{lesson.id}", json={"version": version, "node_id": node["lesson"]}).json
    assert (placed["subject"], placed["grade"], placed["node_id"]) == ("语文", 3, node["lesson"])
    assert ids(own.get(f"{API}/resources?node={node['stage']}")) == [str(lesson.id)]
    sent = {"version": placed["version"], "subject": "数学"}
    moved = own.patch(f"{API}/resources/{lesson.id}", json=sent).json
    assert (moved["subject"], moved["grade"], moved["node_id"]) == ("数学", 3, None)


def test_sharing_and_closing(
    cast: SimpleNamespace, own: FlaskClient, ingested: Callable[..., ResourceFile], program: Program
) -> None:
    draft = ingested("山行.txt", "远上寒山".encode()).resource_id
    offered = {item["audience"]: item["name"] for item in own.get(f"{API}/audiences").json["items"]}
    assert offered[school_key(cast.core.id)] == "清江实验小学"
    sent = {"audience": school_key(cast.core.id), "licence": "cc-by"}
    lacking = own.post(f"{API}/resources/{draft}/share", json=sent)
    assert (lacking.status_code, list(lacking.json["errors"])) == (422, ["subject"])
    version = own.get(f"{API}/resources/{draft}").json["version"]
    own.patch(f"{API}/resources/{draft}", json={"version": version, "subject": "语文", "grade": 3})
    assert own.post(f"{API}/resources/{draft}/share", json=sent).json["state"] == "published"
    assert ids(program(cast.colleague).get(f"{API}/resources")) == [str(draft)]
    foreign = own.post(f"{API}/resources/{draft}/share", json={"audience": school_key(cast.other.id)})
    assert (foreign.status_code, list(foreign.json["errors"])) == (422, ["audience"])
    assert own.post(f"{API}/resources/{draft}/unshare").json["audience"] == user_key(cast.owner.id)
    assert ids(program(cast.colleague).get(f"{API}/resources")) == []


def test_the_trash_and_back(own: FlaskClient, lesson: Resource) -> None:
    assert own.post(f"{API}/resources/{lesson.id}/trash").json["state"] == "trashed"
    assert ids(own.get(f"{API}/resources?trashed=true")) == [str(lesson.id)]
    assert own.post(f"{API}/resources/{lesson.id}/restore").json["state"] == "draft"
    assert fresh(Resource, lesson.id).state is ResourceState.DRAFT


def test_a_colleague_may_look_but_not_change(cast: SimpleNamespace, lesson: Resource, program: Program) -> None:
    colleague = program(cast.colleague)
    for path in ("trash", "restore", "unshare"):
        assert colleague.post(f"{API}/resources/{lesson.id}/{path}").status_code == 403
    assert colleague.patch(f"{API}/resources/{lesson.id}", json={"version": 1}).status_code == 403


def test_files_come_by_token_and_in_parts(cast: SimpleNamespace, lesson: Resource, program: Program) -> None:
    colleague = program(cast.colleague)
    file = colleague.get(f"{API}/resources/{lesson.id}/files").json["items"][0]
    path = file["addresses"]["original"].removeprefix("http://localhost")
    whole = colleague.get(path, buffered=True)
    assert (whole.status_code, whole.data) == (200, "远上寒山".encode())
    part = colleague.get(path, headers={"Range": "bytes=3-5"}, buffered=True)
    assert (part.status_code, part.data) == (206, "上".encode())
    assert colleague.application.test_client().get(path).status_code == 302  # a stranger without a token
    assert program(cast.outsider).get(path).status_code == 404


def test_a_file_without_a_type_has_no_address_yet(own: FlaskClient, bring: Callable[..., ResourceFile]) -> None:
    draft = bring("山行.txt", b"abc").resource_id
    assert own.get(f"{API}/resources/{draft}/files").json["items"][0]["addresses"] == {}


def test_a_file_is_taken_out(own: FlaskClient, bring: Callable[..., ResourceFile]) -> None:
    file_id = bring("山行.txt", b"abc").id
    answer = own.delete(f"{API}/files/{file_id}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert fresh(ResourceFile, file_id) is None
    assert own.delete(f"{API}/files/{file_id}").status_code == 404


def test_failed_steps_are_tried_again(own: FlaskClient, ingested: Callable[..., ResourceFile]) -> None:
    file = ingested("山行.txt", b"abc")
    answer = own.post(f"{API}/files/{file.id}/retry")
    assert answer.json["files"][0]["state"] == "processing"


def test_a_program_uploads_by_tus(own: FlaskClient, run_jobs: Callable[[], int]) -> None:
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "3",
        "Upload-Metadata": "filename YS50eHQ=",
        "Content-Type": "application/offset+octet-stream",
    }
    begun = own.post("/uploads", headers=headers, data=b"abc")
    assert begun.status_code == 201
    run_jobs()
    said = own.get(f"{API}/resources/{begun.headers['Tongyan-Resource']}").json
    assert (said["state"], said["files"][0]["name"], said["files"][0]["state"]) == ("draft", "a.txt", "ready")


def test_words_find_resources(
    cast: SimpleNamespace, lesson: Resource, program: Program, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    found = program(cast.neighbour).get(f"{API}/search?q=寒山&type={lesson.kind.value}").json
    assert (found["total"], found["items"][0]["resource"]["id"]) == (1, str(lesson.id))
    assert "寒山" in "".join(piece["text"] for piece in found["items"][0]["text"] if piece["is_match"])
    assert found["facets"]["grade"] == {"3": 1}
    assert program(cast.outsider).get(f"{API}/search?q=寒山").json["total"] == 0
    assert found["items"][0]["place"] == {"file_id": str(lesson.files[0].id), "page": 1}
    nothing = program(cast.neighbour).get(f"{API}/search?q=寒山&grade=4&within=school:{cast.core.id}").json
    assert nothing["without"] == {"grade": 1}
    assert program(cast.neighbour).get(f"{API}/search?q=寒山&within=school:{cast.other.id}").status_code == 404
    assert program(cast.neighbour).get(f"{API}/search?q=寒山&grade=4").json["total"] == 0
    assert program(cast.neighbour).get(f"{API}/search").status_code == 422


def test_the_curriculum_is_walked_downwards(own: FlaskClient, node: dict[str, Any]) -> None:
    stages = own.get(f"{API}/curriculum").json["items"]
    assert [stage["title"] for stage in stages] == ["小学"]
    below = own.get(f"{API}/curriculum?parent={stages[0]['id']}").json["items"]
    assert [each["id"] for each in below] == [node["lesson"]]
    shown = own.get(f"{API}/curriculum/{node['lesson']}").json
    assert [step["title"] for step in shown["line"]] == ["小学", "山行"]
    assert own.get(f"{API}/curriculum/{uuid4()}").status_code == 404
    assert own.get(f"{API}/curriculum?parent={uuid4()}").status_code == 404


def test_lists_ask_little_of_the_database(
    cast: SimpleNamespace, own: FlaskClient, shared: Callable[..., Resource], count_statements: Callable[..., int]
) -> None:
    shared(actor_for(cast.owner), school_key(cast.core.id), "1.txt")
    own.get(f"{API}/resources")
    few = count_statements(lambda: own.get(f"{API}/resources"))
    for n in range(2, 5):
        shared(actor_for(cast.owner), school_key(cast.core.id), f"{n}.txt")
    assert library.list_resources(actor_for(cast.owner)).total == 4
    assert count_statements(lambda: own.get(f"{API}/resources")) == few
