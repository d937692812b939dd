"""`python -m bench [name …] [--full]`: run the measurements and print one table; exit 1 when a promise is broken."""

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bench import FULL, Row


def measurements(names: Sequence[str]) -> list[ModuleType]:
    """Return the modules that measure, all or the named ones. Raises SystemExit for an unknown name.

    A name stands also for what begins with it: "search" for search_pages and search_relevance.
    """
    known = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    if unknown := set(names) - set(known):
        sys.exit(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    wanted = [name for name in known if not names or name in names or name.split("_")[0] in names]
    modules = [import_module(f"bench.{name}") for name in wanted]
    return [module for module in modules if hasattr(module, "run")]


def lines(rows: Iterable[Row]) -> list[str]:
    """Lay the rows out as a table."""
    head = f"{'what':<44} {'ours':>12} {'peer':>12} {'×':>7}  {'limit':>10}  peer"
    body = [
        f"{row.name:<44} {row.ours:>9.2f} {row.unit:<2} {row.peer:>9.2f} {row.unit:<2} {row.ratio:>7.2f}  "
        f"{'-' if row.limit is None else f'{row.limit:g}':>8} {'✓' if row.kept else '✗'}  {row.peer_name}"
        for row in rows
    ]
    return [head, *body]


def main(names: Sequence[str]) -> int:
    """Measure and print."""
    rows = [row for module in measurements([name for name in names if name != FULL]) for row in module.run()]
    print("\n".join(lines(rows)))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
