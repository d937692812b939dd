"""Install what the product and its tests need: Python packages with hashes, system packages by apt."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.dev.base import PYTHON, ROOT, VENV, Failed, once, say, step

RUNTIME = (ROOT / "requirements.txt", ROOT / "requirements-build.txt")
TESTS = (ROOT / "tests" / "requirements.txt",)
PEERS = (ROOT / "bench" / "requirements.txt",)
STAMPS = VENV / "stamps"  # inside: they vanish with it

OFFICE = "/usr/lib/libreoffice/program"
NEEDED_BY_TESTS = {  # Debian package -> any of these shows that it is there
    "chromium": ("chromium",),
    "postgresql": ("initdb", "/usr/lib/postgresql/*/bin/initdb"),
    "redis-server": ("redis-server",),
    "libreoffice-impress-nogui": (f"{OFFICE}/libsdlo.so",),
    "libreoffice-writer-nogui": (f"{OFFICE}/libswlo.so",),
    "libreoffice-calc-nogui": (f"{OFFICE}/libsclo.so",),
    "bubblewrap": ("bwrap",),
    "fonts-noto-cjk": ("/usr/share/fonts/opentype/noto/NotoSansCJK*",),
    "poppler-utils": ("pdftoppm",),
    "ffmpeg": ("ffmpeg",),
    "tesseract-ocr": ("tesseract",),
    "tesseract-ocr-chi-sim": ("/usr/share/tesseract-ocr/*/tessdata/chi_sim.traineddata",),
    "clamav-daemon": ("clamd", "/usr/sbin/clamd"),
    "clamdscan": ("clamdscan",),
}


def python_packages(*extra: Path) -> None:
    """Bring `.venv` to the pinned packages and the product itself, editable."""
    if not _works(PYTHON):
        _make_venv()
    once(STAMPS / "requirements", RUNTIME, lambda: _install(RUNTIME))
    if extra:
        once(STAMPS / "extra", extra, lambda: _install(extra))
    once(STAMPS / "tongyan", [ROOT / "pyproject.toml"], _install_ourselves)


def peers() -> None:
    """Add what we are measured against."""
    once(STAMPS / "peers", PEERS, lambda: _install(PEERS))


def _works(python: Path) -> bool:
    return (
        python.exists()
        and not subprocess.run([python, "-c", "import pip"], check=False, capture_output=True).returncode
    )


def _make_venv() -> None:
    try:
        step("创建 Python 环境 (.venv)", sys.executable, "-m", "venv", "--clear", VENV)
    except Failed:
        if not apt_possible():
            raise Failed(
                "Python's venv module is missing. On Debian/Ubuntu: sudo apt-get install python3-venv"
            ) from None
        apt_install(["python3-venv"])
        step("创建 Python 环境 (.venv)", sys.executable, "-m", "venv", "--clear", VENV)


def _install(wanted: tuple[Path, ...]) -> None:
    """Install the pins and nothing else: they are whole, and the resolver would trip over a release newer than them."""
    files = [part for path in wanted for part in ("-r", str(path))]
    pip = (PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps")
    step("安装 Python 依赖 (首次约一两分钟)", *pip, *files)


def _install_ourselves() -> None:
    pip = (PYTHON, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "-e", ".")
    step("安装同研本身", *pip)


def missing_programs() -> list[str]:
    """Name the Debian packages whose programs are not on this machine."""
    return [package for package, signs in NEEDED_BY_TESTS.items() if not any(map(_is_there, signs))]


def _is_there(sign: str) -> bool:
    if not sign.startswith("/"):
        return shutil.which(sign) is not None
    return any(Path("/").glob(sign.lstrip("/")))


def apt_possible() -> bool:
    """Say whether we may install system packages ourselves."""
    return Path("/etc/debian_version").exists() and os.geteuid() == 0


def apt_install(packages: list[str]) -> None:
    """Install Debian packages. Raises Failed."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    step("apt-get update", "apt-get", "update", env=env)
    step(
        f"apt-get install {' '.join(packages)}",
        "apt-get",
        "install",
        "-y",
        "--no-install-recommends",
        *packages,
        env=env,
    )


def system_packages() -> None:
    """Install what the tests need beside Python, or say how. Raises Failed when CI would have to skip tests."""
    missing = missing_programs()
    if not missing:
        return
    if apt_possible():
        apt_install(missing)
        return
    advice = f"sudo apt-get install {' '.join(missing)}"
    if os.environ.get("CI") == "true":
        raise Failed(f"the tests need more programs: {advice}")
    say(f"! 缺少测试所需的程序，相关测试将跳过 (tests that need these are skipped): {advice}")
