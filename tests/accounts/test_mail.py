"""Letters."""

import socketserver
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_person
from tongyan.kernel import jobs, mail
from tongyan.kernel.db import db, transaction
from tongyan.kernel.mail import Letter

RECEIVED: list[str] = []


class Postman(socketserver.StreamRequestHandler):
    """The least of a mail server."""

    def handle(self) -> None:
        """Speak SMTP with one client."""
        self.say("220 here")
        body = False
        while line := self.rfile.readline().decode().rstrip("\r\n") if not body else self.take_body():
            word = line[:4].upper()
            body = word == "DATA"
            self.say({"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 ok"))
            if word == "QUIT":
                return

    def take_body(self) -> str:
        """Read a letter to its end."""
        lines: list[str] = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        RECEIVED.append("".join(lines))
        return "TAKEN"

    def say(self, text: str) -> None:
        """Answer the client."""
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def postman(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a mail server and have the application use it."""
    RECEIVED.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postman) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for name, value in (("HOST", "127.0.0.1"), ("PORT", server.server_address[1]), ("SECURITY", "none")):
            monkeypatch.setitem(app.config, f"SMTP_{name}", value)
        yield
        server.shutdown()


@pytest.mark.usefixtures("postman")
def test_letters_go_to_the_server_that_is_set(app: Flask) -> None:
    mail.send(Letter("wang@school.cn", "同研：提醒", "您好\n"))
    (text,) = RECEIVED
    assert "To: wang@school.cn" in text
    assert "From: tongyan@localhost" in text
    assert not mail.outbox().exists()


@pytest.mark.usefixtures("app")
def test_without_a_server_they_lie_in_the_outbox_for_nobody_else_to_read() -> None:
    mail.send(Letter("wang@school.cn", "同研：提醒", "您好\n"))
    assert len(list(mail.outbox().glob("*.eml"))) == 1
    assert mail.outbox().stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("field", ["to", "subject"])
def test_line_breaks_add_no_headers(field: str) -> None:
    letter = Letter("wang@school.cn", "提醒", "您好")._replace(**{field: "x@y.cn\r\nBcc: z@y.cn"})
    with pytest.raises(ValueError, match="linefeed"):
        mail.send(letter)


def test_a_server_that_is_away_is_an_error_for_the_job_to_retry(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    monkeypatch.setitem(app.config, "SMTP_PORT", 9)
    monkeypatch.setitem(app.config, "SMTP_SECURITY", "starttls")
    with pytest.raises(OSError, match="refused"):
        mail.send(Letter("wang@school.cn", "提醒", "您好"))


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_the_line_to_the_server_is_closed_to_others_before_the_password_is_said(
    app: Flask, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    said: list[str] = []

    class Server:
        """Writes down what it is asked for."""

        def __init__(self, kind: str) -> None:
            said.append(kind)

        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: object) -> None:
            said.append("quit")

        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: said.append(name)

    monkeypatch.setattr("smtplib.SMTP_SSL", lambda *_, **__: Server("closed"))
    monkeypatch.setattr("smtplib.SMTP", lambda *_, **__: Server("open"))
    for name, value in (("HOST", "mail.school.cn"), ("SECURITY", security), ("USER", "tongyan")):
        monkeypatch.setitem(app.config, f"SMTP_{name}", value)

    mail.send(Letter("wang@school.cn", "提醒", "您好"))

    begun = {"tls": ["closed"], "starttls": ["open", "starttls"], "none": ["open"]}[security]
    assert said == [*begun, "login", "send_message", "quit"]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("kind", ["accounts.send_reset", "accounts.send_changed"])
def test_a_slow_server_holds_no_connection_to_the_database(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    held: list[bool] = []
    monkeypatch.setattr(mail, "send", lambda _: held.append(db.session.in_transaction()))
    person = make_person(email="wang@school.cn")
    args = {"name": person.login, "person_id": str(person.id), "kind": "password", "old_email": None}
    with transaction():
        jobs.enqueue(jobs.JobSpec(kind, args))
    jobs.run_pending()
    assert held == [False]
