"""The accounts to try, as a table for a terminal."""

import unicodedata
from collections.abc import Iterator, Sequence

from tongyan.accounts.passwords import DEMO_PASSWORD
from tongyan.demo.cast import Account

HEAD = ("姓名", "学校", "身份", "登录名", "口令")


def account_table(accounts: Sequence[Account]) -> Iterator[str]:
    """Give the lines of the table; Chinese characters take two columns."""
    rows = [HEAD, *((each.name, each.school, each.role, each.login, DEMO_PASSWORD) for each in accounts)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
