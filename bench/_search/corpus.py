"""A hundred thousand documents, 200 MB of text, as a group of schools might have them: always the same, kept on disk.

Every poem stands in one document for itself, with others of its author, and now and then in another one; seven of ten
documents are in simplified characters. A teacher may see about a fifth.
"""

import json
import os
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from bench._search import poems
from bench._search.poems import Poem
from search_index import Document
from tools.dev.base import once, say

DOCUMENTS = 100_000
START = datetime(2020, 9, 1, tzinfo=UTC)
DAYS = 2000
EVERYONE = "everyone"  # a key that opens all: what is judged must not hang on rights
SCHOOLS, GROUPS, TEAMS, PEOPLE = 40, 8, 24, 1000
FACETS = ("subject", "grade", "type", "school")
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级")
SUBJECTS = ("语文", "数学", "英语", "科学", "历史", "地理", "物理", "化学", "生物", "音乐", "美术", "体育")
KINDS = ("教学设计", "课件", "说课稿", "练习", "实录", "评课", "导学案", "微课", "试卷", "反思")
WRAPPED, SIMPLIFIED, OWN = 0.4, 0.7, 0.7  # titles with a kind; documents; poems added that are the author's own
LARGEST = 20_000  # bytes


class Corpus:
    """The first so many documents; `real` says whether they are made of real poems."""

    def __init__(self, number: int = DOCUMENTS) -> None:
        archive = poems.archive()
        self.real = archive is not None
        self.folder = poems.FOLDER / ("corpus" if archive else "made-up")
        inputs = [Path(__file__), Path(poems.__file__)]
        once(self.folder / "stamp", inputs, lambda: _write(self.folder, archive), [self.folder / "documents.jsonl"])
        with (self.folder / "documents.jsonl").open(encoding="utf-8") as rows:
            self._rows = list(islice(rows, number))
        self.bodies = Bodies(self.folder)
        self.ids = [f"poem:{each}" for each in range(len(self._rows))]

    def load(self, ids: Iterable[str]) -> Iterator[Document]:
        """Give the documents of some ids."""
        for each in ids:
            fields = json.loads(self._rows[number_of(each)])
            yield Document(
                **fields | {"tags": tuple(fields["tags"]), "about": tuple(fields["about"])}
                | {"audience": frozenset(fields["audience"]), "date": datetime.fromisoformat(fields["date"])},
                body=self.bodies.of(each),
            )  # fmt: skip


class Bodies:
    """The texts of the documents, read from disk one by one as a database would give them."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "bodies").open("rb")
        self._places = array("q", json.loads((folder / "places.json").read_text()))

    def of(self, document_id: str) -> str:
        """Return the text of a document."""
        start, end = self._places[(number := number_of(document_id)) : number + 2]
        return os.pread(self._file.fileno(), end - start, start).decode()


def number_of(document_id: str) -> int:
    """Return the place of a document in the corpus."""
    return int(document_id.partition(":")[2])


def teacher(chance: Random) -> frozenset[str]:
    """Return the keys of a random teacher."""
    school = chance.randrange(SCHOOLS)
    teams = chance.sample(range(TEAMS), 5)
    keys = {"public", f"user:{chance.randrange(PEOPLE)}", f"school:{school}", f"group:{school % GROUPS}"}
    return frozenset(keys | {f"team:{team}" for team in teams})


def _audience(chance: Random, owner: int) -> list[str]:
    """Return who may see a document: a random teacher's keys open 22 of a hundred."""
    school = owner % SCHOOLS
    kind = chance.choices(("public", "group", "school", "team", "user"), (12, 40, 20, 20, 8))[0]
    number = {"group": school % GROUPS, "school": school, "team": chance.randrange(TEAMS), "user": owner}
    return [EVERYONE, f"user:{owner}", "public" if kind == "public" else f"{kind}:{number[kind]}"]


def _write(folder: Path, archive: Path | None) -> None:
    say("· 准备检索语料 (once, a minute or two) …")
    folder.mkdir(parents=True, exist_ok=True)
    written = list(poems.real(archive) if archive else poems.made_up())
    texts = (written, poems.simplified(written) if archive else written)
    chance = Random(11)  # noqa: S311 # not for secrets
    works: dict[str, list[int]] = defaultdict(list)
    for number, poem in enumerate(written):
        works[poem.author].append(number)
    places = [0]
    with (folder / "documents.jsonl").open("w", encoding="utf-8") as rows, (folder / "bodies").open("wb") as bodies:
        for number, own in enumerate(_shares(chance, works)):
            chosen = _filled(chance, own, works[written[own[0]].author], written)
            script = texts[chance.random() < SIMPLIFIED]
            body = "\n\n".join(f"{script[each].title}\n{script[each].text}" for each in chosen).encode()
            bodies.write(body)
            rows.write(json.dumps(_fields(chance, number, script[own[0]]), ensure_ascii=False) + "\n")
            places.append(places[-1] + len(body))
    (folder / "places.json").write_text(json.dumps(places))


def _shares(chance: Random, works: dict[str, list[int]]) -> list[list[int]]:
    """Cut the works of every author into documents, and mix these."""
    shares = []
    for poems_of in works.values():
        begin = 0
        while begin < len(poems_of):
            size = chance.randint(1, 6)
            shares.append(poems_of[begin : begin + size])
            begin += size
    chance.shuffle(shares)
    return shares[:DOCUMENTS]


def _filled(chance: Random, own: list[int], works: list[int], written: list[Poem]) -> list[int]:
    """Add poems until a document is as long as it shall be: 2 kB on average, 20 at most."""
    wanted = min(LARGEST, chance.lognormvariate(6.95, 0.85)) / 3  # characters
    chosen, length = list(own), sum(len(written[each].text) for each in own)
    while length < wanted:
        other = chance.choice(works) if chance.random() < OWN and len(works) > 10 else chance.randrange(len(written))
        chosen.append(other)
        length += len(written[other].text)
    return chosen


def _fields(chance: Random, number: int, first: Poem) -> dict[str, Any]:
    owner = chance.randrange(PEOPLE)
    kind, subject, grade = chance.choice(KINDS), chance.choice(SUBJECTS), chance.randrange(len(GRADES))
    facets = {"subject": subject, "grade": str(grade + 1), "type": kind, "school": f"school-{owner % SCHOOLS}"}
    return {
        "id": f"poem:{number}", "kind": "resource",
        "title": f"《{first.title}》{kind}" if chance.random() < WRAPPED else first.title,
        "author": first.author, "tags": first.tags, "about": (GRADES[grade], subject),
        "audience": _audience(chance, owner), "facets": facets,
        "date": (START + timedelta(days=chance.uniform(0, DAYS))).isoformat(),
        "quality": round(chance.random(), 2), "uses": int(chance.paretovariate(1.2)) - 1,
    }  # fmt: skip
