"""The commands of `./dev`."""

import os
from collections.abc import Callable, Sequence

from tools.dev import checks, run, upkeep
from tools.dev.base import ROOT, Failed, say

COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "run": (run.main, "安装、构建并启动同研 (install, build and serve) [--host] [--port] [--data]"),
    "test": (checks.test, "全部测试 (all tests) [pytest arguments]"),
    "check": (checks.check, "静态检查 (linters, types, layers, migrations) [names]"),
    "tidy": (checks.tidy, "整理代码格式 (format code and templates)"),
    "bench": (checks.bench, "性能对比 (measure against peers) [names]"),
    "pins": (upkeep.pins, "重新锁定依赖 (compile the pinned requirements) [--upgrade]"),
    "words": (upkeep.words, "更新语言包 (collect words for translation)"),
    "docs": (upkeep.docs, "更新配置表 (write the table of settings)"),
}


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    name = argv[0] if argv else "help"
    if name not in COMMANDS:
        return usage(name)
    os.chdir(ROOT)
    try:
        return COMMANDS[name][0](argv[1:])
    except Failed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130


def usage(name: str) -> int:
    """Print the commands; asking for help is no error."""
    for command, (_, meaning) in COMMANDS.items():
        say(f"  ./dev {command:<6} {meaning}")
    return 0 if name in {"help", "-h", "--help"} else 2
