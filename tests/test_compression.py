"""Pages and built files are sent compressed, to those who can read it; nothing is compressed twice or for nothing."""

import gzip

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from blueprints.common.compression import LEAST, compress

LONG = "<p>远上寒山石径斜</p>" * LEAST


@pytest.fixture
def page(app: Flask) -> Response:
    """Stand for a page that is worth it."""
    return Response(LONG, mimetype="text/html")


def test_a_page_is_compressed_for_those_who_can_read_it(app: Flask, page: Response) -> None:
    with app.test_request_context(headers={"Accept-Encoding": "gzip, br"}):
        sent = compress(page)
    assert sent.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert gzip.decompress(sent.get_data()).decode() == LONG
    assert sent.content_length == len(sent.get_data()) < len(LONG)


def test_the_length_of_a_page_does_not_tell_what_is_in_it(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Encoding": "gzip"}):
        lengths = {compress(Response(LONG, mimetype="text/html")).content_length for _ in range(50)}
    assert len(lengths) > 5


@pytest.mark.parametrize(
    ("content", "mimetype", "headers", "accepts"),
    [
        (LONG, "text/html", {}, ""),
        (LONG, "text/html", {}, "gzip;q=0"),
        ("short", "text/html", {}, "gzip"),
        (LONG, "image/webp", {}, "gzip"),
        (LONG, "text/html", {"Content-Encoding": "br"}, "gzip"),
    ],
)
def test_what_would_win_nothing_is_left_alone(
    app: Flask, content: str, mimetype: str, headers: dict[str, str], accepts: str
) -> None:
    answer = Response(content, mimetype=mimetype, headers=headers)
    with app.test_request_context(headers={"Accept-Encoding": accepts}):
        assert compress(answer).get_data(as_text=True) == content


def test_a_stream_is_left_alone(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Encoding": "gzip"}):
        assert "Content-Encoding" not in compress(Response(iter([LONG]), mimetype="text/html")).headers


@pytest.mark.parametrize(
    ("name", "accepts", "coding"),
    [
        ("main.js", "gzip, br", "br"),
        ("main.css", "gzip", "gzip"),
        ("main.js", "", None),
        ("plain.js", "gzip, br", None),
        ("../main.js", "br", None),
    ],
)
def test_a_built_file_is_sent_in_its_smallest_form(
    client: FlaskClient,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    accepts: str,
    coding: str | None,
) -> None:
    app, folder = client.application, tmp_path_factory.mktemp("static")
    for built in ("main.js", "main.js.br", "main.js.gz", "main.css", "main.css.gz", "plain.js"):
        (folder / built).write_text(built)
    kept, app.static_folder = app.static_folder, str(folder)
    try:
        answer = client.get(f"/static/{name}", headers={"Accept-Encoding": accepts})
        assert answer.headers.get("Content-Encoding") == coding
        if answer.status_code == 200:
            assert answer.mimetype == ("text/css" if name.endswith("css") else "text/javascript")
            assert answer.get_data(as_text=True) == name + {"br": ".br", "gzip": ".gz", None: ""}[coding]
        else:
            assert name.startswith("..")
    finally:
        app.static_folder = kept
        answer.close()
