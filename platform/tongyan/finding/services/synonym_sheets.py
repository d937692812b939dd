"""The list of synonyms as a sheet: one row, one set. What is wrong in any row stops the whole sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from tongyan.accounts.policy import require_admin
from tongyan.finding.models import SynonymSet
from tongyan.finding.services import synonyms
from tongyan.finding.services.synonym_rules import BETWEEN, key_of, problem, split_words
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Invalid
from tongyan.kernel.permissions import Actor
from tongyan.kernel.sheets import Column, Problem, read_rows

HEADER = "意思相同的词"
Row = tuple[int, list[str]]  # its number in the sheet, its words
Change = tuple[list[str], SynonymSet | None]  # words, and the set that gets them (none: a new one)
COLUMNS = (Column(HEADER, "words", required=True),)


@dataclass(slots=True)
class Taken:
    """What became of a sheet: how many sets were added, changed and left as they were, or what is wrong with it."""

    added: int = 0
    changed: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)


def sheet_rows(actor: Actor) -> list[list[str]]:
    """Return all sets as the rows of a sheet. Raises Forbidden."""
    require_admin(actor)
    return [[BETWEEN.join(each.words)] for each in synonyms.all_sets()]


def take_sheet(actor: Actor, stream: BinaryIO) -> Taken:
    """Follow a sheet: a row that shares words with a set changes it, another row is a new set; no set is deleted.

    When anything is wrong, nothing is changed. Raises Forbidden, Invalid, TooLarge, Conflict.
    """
    require_admin(actor)
    sheet = read_rows(stream, COLUMNS)
    if not sheet.rows:
        raise Invalid("sheet.no_rows")
    rows = [(number, split_words(values["words"])) for number, values in sheet.rows]
    with transaction():
        sets = synonyms.all_sets()
        changes, kept = _pair(rows, sets)
        taken = Taken(problems=[*sheet.problems, *_problems(rows, kept)])
        if not taken.problems:
            _write(actor, changes, len(sets), taken)
    return taken


def _pair(rows: Sequence[Row], sets: Sequence[SynonymSet]) -> tuple[list[Change], list[SynonymSet]]:
    """Return for each row the set it changes, if any, and the sets that no row changes."""
    kept = list(sets)
    changes: list[Change] = []
    for _, words in rows:
        nearest = max(kept, key=lambda each: _shared(words, each), default=None)
        if nearest is not None and _shared(words, nearest):
            kept.remove(nearest)
            changes.append((words, nearest))
        else:
            changes.append((words, None))
    return changes, kept


def _shared(words: Sequence[str], row: SynonymSet) -> int:
    return len({key_of(word) for word in words} & {key_of(word) for word in row.words})


def _problems(rows: Sequence[Row], kept: Sequence[SynonymSet]) -> Iterator[Problem]:
    """Give what is wrong in each row, also beside the rows above it and the sets that stay."""
    above: dict[str, int] = {}
    for number, words in rows:
        if wrong := problem(words, kept):
            yield Problem(number, HEADER, wrong.code, wrong.data)
        for word in words:
            if (first := above.setdefault(key_of(word), number)) != number:
                yield Problem(number, HEADER, "synonyms.row_taken", {"word": word, "row": first})
                break


def _write(actor: Actor, changes: Sequence[Change], before: int, taken: Taken) -> None:
    for words, row in changes:
        if row is None:
            synonyms.insert(actor, words, before + taken.added)
            taken.added += 1
        elif row.words == words:
            taken.same += 1
        else:
            synonyms.rewrite(actor, row, words)
            taken.changed += 1
