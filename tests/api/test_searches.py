"""Kept searches by the API."""

from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient

SEARCHES = "/api/v1/searches"


def test_a_search_is_kept_changed_and_dropped(own: FlaskClient) -> None:
    sent = {"name": "三年级分数", "text": "分数", "filters": {"grade": ["3"]}, "sort": "newest", "digest": True}
    made = own.post(SEARCHES, json=sent)
    assert (made.status_code, made.json | sent) == (201, made.json)
    assert made.json["news"] == 0
    address = f"{SEARCHES}/{made.json['id']}"

    assert own.post(SEARCHES, json=sent).json["code"] == "saved.same"
    assert own.post(SEARCHES, json=sent | {"text": "圆"}).json["errors"].keys() == {"name"}
    assert own.post(SEARCHES, json=sent | {"sort": "oldest"}).json["errors"].keys() == {"sort"}
    changed = own.put(address, json={"name": "分数", "digest": False})
    assert (changed.json["name"], changed.json["digest"]) == ("分数", False)
    assert [each["name"] for each in own.get(SEARCHES).json["items"]] == ["分数"]
    assert own.delete(address).status_code == 204
    assert own.get(SEARCHES).json["items"] == []


def test_a_kept_search_is_its_owners_alone(
    own: FlaskClient, cast: SimpleNamespace, program: Callable[..., FlaskClient]
) -> None:
    address = f"{SEARCHES}/{own.post(SEARCHES, json={'name': '分数', 'text': '分数'}).json['id']}"
    other = program(cast.colleague)
    assert other.get(SEARCHES).json["items"] == []
    assert other.put(address, json={"name": "改", "digest": True}).status_code == 404
    assert other.delete(address).status_code == 404
