"""The files in deploy/ start what `./dev run` starts, and their formats are sound."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.dev.run import programs

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
UNITS = {"web": "tongyan-web@.service", "worker": "tongyan-worker.service", "beat": "tongyan-beat.service"}
COMMANDS = programs("127.0.0.1", 8000)


def plain(words: list[str]) -> list[str]:
    """Reduce a command to what must agree: addresses may differ."""
    return [word for word in words if not re.fullmatch(r"[\d.]+:(?:\d+|%i)", word)][1:]


@pytest.mark.parametrize("name", UNITS)
def test_systemd_starts_what_dev_run_starts(name: str) -> None:
    unit = (DEPLOY / "systemd" / UNITS[name]).read_text()
    started = re.findall(r"^ExecStart=(.*)$", unit, re.M)
    assert [plain(line.split()) for line in started] == [plain([str(word) for word in COMMANDS[name]])]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_compose_starts_what_dev_run_starts(name: str) -> None:
    compose = (DEPLOY / "compose.yaml").read_text()
    command = re.search(rf"^  {name}:\n(?:    .*\n)*?    command: \[(.*)\]", compose, re.M)
    assert command is not None
    words = [word.strip().strip('"') for word in command[1].split(",")]
    assert plain(words) == plain([str(word) for word in COMMANDS[name]])


def test_the_image_starts_what_dev_run_starts() -> None:
    command = re.search(r"^CMD \[(.*)\]$", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert command is not None
    assert plain(re.findall(r'"([^"]+)"', command[1])) == plain([str(word) for word in COMMANDS["web"]])


def test_the_proxy_serves_the_front_end_of_the_image() -> None:
    stages = re.split(r"^FROM ", (DEPLOY / "Dockerfile").read_text(), flags=re.M)[1:]
    built = {stage.partition("\n")[0] for stage in stages if "COPY --from=front /build/static/dist" in stage}
    assert built == {"nginx:1.26 AS proxy", "python:3.11-slim-bookworm"}
    compose = (DEPLOY / "compose.yaml").read_text()
    assert "target: proxy" in compose
    assert "../static" not in compose, "the checkout has no built front end"


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").iterdir()))
def test_systemd_understands_the_units(unit: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd on this machine")
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace("/opt/tongyan/.venv/bin/python", "/bin/true")
        (tmp_path / path.name).write_text(text)
    name = unit.replace("@.", "@8001.")
    done = subprocess.run(  # noqa: S603 # our own command
        [analyze, "verify", "--man=no", tmp_path / name], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert ours == []


def test_no_log_holds_a_one_time_link() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    (written,) = re.findall(r"log_format tongyan ([^;]*);", text)
    assert not re.search(r"\$(request|request_uri|uri|http_referer)\b", written)
    assert '"~^/sign-in/link/" /sign-in/link/-;' in text
    assert re.findall(r"access_log (.*);", text) == ["/var/log/nginx/access.log tongyan"]


@pytest.mark.parametrize("secret", ["deploy/secrets.env", "deploy/certificates"])
def test_no_secret_goes_into_the_image_or_the_repository(secret: str) -> None:
    for name in (".dockerignore", ".gitignore"):
        assert secret in (DEPLOY.parent / name).read_text().replace("/\n", "\n").splitlines()


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").glob("*.service")))
def test_what_a_process_writes_is_for_the_service_alone(unit: str) -> None:
    assert "\nUMask=0077\n" in (DEPLOY / "systemd" / unit).read_text()


def test_nginx_hides_what_is_not_for_users_and_limits_uploads() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "client_max_body_size 16m" in text
    assert text.count("{") == text.count("}")
    upgrades = re.findall(r"location (\S+) \{[^}]*Upgrade \$http_upgrade", text)
    assert upgrades == ["/socket.io/"]
