"""Putting found words in order, whoever found them."""

import re

HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# scanning programs set blanks between Chinese characters
GAPS = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}])")


def tidy(text: str) -> str:
    """Return text without NULs and lone surrogates, which no database takes."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode().strip()
