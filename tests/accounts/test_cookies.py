"""The cookies where the connection is encrypted."""

from pathlib import Path

from tests.accounts.helpers import make_user
from tests.conftest import settings_for_tests
from tests.sessions import FreshClient
from tongyan.app import create_app
from tongyan.kernel.db import Base, db


def test_cookies_are_bound_to_the_host_and_secure(tmp_path: Path) -> None:
    settings = settings_for_tests(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    app = create_app(settings | {"ALLOW_INSECURE_HTTP": False, "PUBLIC_URL": "https://tongyan.school.cn"})
    app.test_client_class = FreshClient
    with app.app_context():
        Base.metadata.create_all(db.engine)
        person = make_user()
        client = app.test_client()
        answer = client.post(
            "/sign-in",
            data={"name": person.login, "password": "correct-horse-battery-staple"},
            base_url="https://tongyan.school.cn",
        )
        cookies = answer.headers.getlist("Set-Cookie")
        db.engine.dispose()
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-sid", "__Host-device"}
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert all("Path=/" in cookie and "Domain" not in cookie for cookie in cookies)
