"""Terms as a school says them: "2026-1" is the first term (autumn) of the school year 2026–2027."""

from datetime import date
from typing import NamedTuple

AUTUMN, SPRING = 8, 2  # months in which a term's books are handed out


class Term(NamedTuple):
    """A term; sorts by time, also as text."""

    year: int  # in which the school year begins
    half: int  # 1 autumn, 2 spring

    def __str__(self) -> str:
        return f"{self.year}-{self.half}"

    def next(self) -> "Term":
        """Return the term after this one."""
        return Term(self.year, 2) if self.half == 1 else Term(self.year + 1, 1)


def term_of(day: date) -> Term:
    """Return the term in which a day lies (the holidays belong to the term that they precede)."""
    if day.month >= AUTUMN:
        return Term(day.year, 1)
    return Term(day.year - 1, 2 if day.month >= SPRING else 1)


def parse_term(text: str) -> Term | None:
    """Return the term that a text like "2026-1" names, None for nonsense."""
    year, _, half = text.partition("-")
    if len(year) == 4 and year.isascii() and year.isdigit() and half in {"1", "2"}:
        return Term(int(year), int(half))
    return None
