"""Letters: sent by SMTP when a server is set, else laid into a folder where an administrator finds them."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import NamedTuple

from tongyan.kernel import settings
from tongyan.kernel.clock import now
from tongyan.kernel.ids import new_id

TIMEOUT = 20  # seconds


class Letter(NamedTuple):
    """A plain letter to one address."""

    to: str
    subject: str
    text: str


def send(letter: Letter) -> None:
    """Send a letter now; call it from a job. Raises OSError or SMTPException when the server does not take it."""
    message = _message(letter)
    if settings.get("SMTP_HOST"):
        _by_smtp(message)
    else:
        _into_outbox(message)


def outbox() -> Path:
    """Return the folder of letters when no server is set."""
    return Path(settings.get("DATA_DIR")) / "outbox"


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.get("MAIL_FROM")
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=settings.get("MAIL_FROM").rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _by_smtp(message: EmailMessage) -> None:
    host, port, security = (settings.get(name) for name in ("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY"))
    if security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    with server:
        if security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.get("SMTP_USER"):
            server.login(settings.get("SMTP_USER"), settings.get("SMTP_PASSWORD"))
        server.send_message(message)


def _into_outbox(message: EmailMessage) -> None:
    folder = outbox()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / f"{new_id()}.eml").write_bytes(message.as_bytes())
