"""`./dev pins` and `./dev docs`: files that are made from others and committed."""

import os
from collections.abc import Sequence

from tools.dev.base import PYTHON, ROOT, alone, show, step
from tools.dev.install import python_packages

COMPILE = ("uv", "pip", "compile", "-q", "--universal", "--generate-hashes", "--no-header", "--python-version", "3.11")
PINS = {  # file -> what of pyproject.toml it holds; later ones agree with earlier ones
    "requirements.txt": ("pyproject.toml",),
    "requirements-build.txt": ("--group", "build", "-c", "requirements.txt"),
    "tests/requirements.txt": ("--group", "dev", "-c", "requirements.txt", "-c", "requirements-build.txt"),
    "frontend/requirements.txt": ("--group", "node"),
}


def pins(arguments: Sequence[str]) -> int:
    """Compile the pinned requirements again; `--upgrade` takes newer versions, else only what must change does."""
    with alone():
        python_packages()
        step("安装 uv", PYTHON, "-m", "pip", "install", "uv")
    env = {**os.environ, "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"}
    return max(show(*COMPILE, *source, *arguments, "-o", name, env=env) for name, source in PINS.items())


def docs(_arguments: Sequence[str]) -> int:
    """Write the table of settings again."""
    with alone():
        python_packages()
    return show(PYTHON, "-m", "tools.settings_table", cwd=ROOT)
