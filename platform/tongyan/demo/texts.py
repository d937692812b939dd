"""The poems of `texts.json`, proofread against the schoolbooks (see README.md)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("texts.json")


@dataclass(frozen=True, slots=True)
class Poem:
    """A poem, where the schoolbooks print it, and what a lesson says about it."""

    title: str
    dynasty: str
    author: str
    book: str  # 三上
    unit: str  # 第二单元, empty where editions differ
    lines: Sequence[str]
    words: Mapping[str, str]
    idea: str
    questions: Sequence[str]

    @property
    def by(self) -> str:
        """Return who wrote it, as schoolbooks print it."""
        return f"〔{self.dynasty}〕{self.author}"

    @property
    def place(self) -> str:
        """Return where the schoolbooks print it, in words."""
        grade, half = self.book[0], self.book[1]
        return f"统编版语文 {grade}年级{half}册{' ' + self.unit if self.unit else ''}"

    @property
    def couplets(self) -> Sequence[Sequence[str]]:
        """Return the clauses, sentence by sentence; a lone clause (乡书何处达？) goes with the next."""
        found: list[list[str]] = [[]]
        for clause in clauses("".join(self.lines)):
            found[-1].append(clause)
            if clause[-1] in "。？！；" and len(found[-1]) > 1:
                found.append([])
        return [couplet for couplet in found if couplet]


def clauses(text: str) -> Sequence[str]:
    """Return the clauses of a text, each with its mark at the end."""
    return re.findall(r"[^，。？！；]+[，。？！；]", text)


@cache
def poems() -> Mapping[str, Poem]:
    """Return all poems by title."""
    return {row["title"]: Poem(**row) for row in json.loads(FILE.read_text(encoding="utf-8"))}
