"""`./dev pins`, `./dev docs` and `./dev words`: files that are made from others and committed."""

import os
from collections.abc import Sequence

from tools.dev.base import PYTHON, ROOT, VAR, alone, show, step
from tools.dev.frontend import TRANSLATIONS
from tools.dev.install import python_packages

COMPILE = ("uv", "pip", "compile", "-q", "--universal", "--generate-hashes", "--no-header", "--python-version", "3.11")
WORDS = ("blueprints", "platform")  # where words are said
LAZY = "lazy_gettext"  # says a word under its own name where `_` says one at once
PINS = {  # file -> what of pyproject.toml it holds; later ones agree with earlier ones
    "requirements.txt": ("pyproject.toml",),
    "requirements-build.txt": ("--group", "build", "-c", "requirements.txt"),
    "tests/requirements.txt": ("--group", "dev", "-c", "requirements.txt", "-c", "requirements-build.txt"),
    "frontend/requirements.txt": ("--group", "node"),
    "bench/requirements.txt": ("--group", "bench", "-c", "requirements.txt"),
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


def words(_arguments: Sequence[str]) -> int:
    """Collect the words of code and templates, and bring the catalogues up to date; new ones stand there empty."""
    with alone():
        python_packages()
    found = VAR / "messages.pot"
    babel = (PYTHON, "-m", "babel.messages.frontend")
    plain = ("--no-location", "--sort-output")
    heard = ("-F", TRANSLATIONS / "mapping.cfg", "-k", LAZY)
    step("收集词句", *babel, "extract", *heard, *plain, "-o", found, *WORDS)
    known = ("--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date", "--no-wrap")
    step("更新语言包", *babel, "update", "-i", found, "-d", TRANSLATIONS, *known)
    return 0
