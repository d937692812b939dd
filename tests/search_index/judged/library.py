"""A small library of our own making: the lessons of the curriculum, classical poems, and papers of a staff room."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from search_index import Document

HERE = Path(__file__).parent
TONGYAN = HERE.parents[2] / "platform" / "tongyan"
PUBLIC = frozenset({"public"})
GRADES = ("", *"一二三四五六七八九", "高一", "高二", "高三")
_NUMBERED = re.compile(r"第.{1,3}[单元章课]+$|Unit \d+$|语文园地")


def documents() -> list[Document]:
    """Return all documents, always the same."""
    return [*_lessons(), *_poems(), *_papers()]


def _lessons() -> Iterator[Document]:
    """Give units and lessons that have a name, each title once in a book."""
    for title, about in dict.fromkeys(_named(json.loads((TONGYAN / "curriculum/seed.json").read_text("utf-8")))):
        facets = {"subject": about[0], "grade": about[2], "type": "课程"}
        name = f"lesson:{'/'.join(about)}/{title}"
        yield Document(name, "lesson", title, about=about, audience=PUBLIC, facets=facets)


def _named(seed: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for subject in (subject for stage in seed["stages"] for subject in stage["subjects"]):
        for edition in subject["editions"]:
            for volume in edition["volumes"]:
                about = (subject["name"], edition["name"], volume.get("grade", ""), volume.get("volume", ""))
                for unit in volume.get("units", ()):
                    titles = (unit["title"], *unit.get("lessons", ()))
                    yield from (
                        (title.lstrip("*"), about) for title in titles if not _NUMBERED.match(title.lstrip("*"))
                    )


def _poems() -> Iterator[Document]:
    for poem in json.loads((TONGYAN / "demo/texts.json").read_text("utf-8")):
        notes = "".join(f"{word}：{meaning}" for word, meaning in poem["words"].items())
        body = "\n".join([*poem["lines"], notes, poem["idea"], *poem["questions"]])
        about = ("语文", "古诗", poem["book"], poem["unit"])
        tags = (poem["dynasty"],)
        yield Document(f"poem:{poem['title']}", "poem", poem["title"], poem["author"], tags, about, body, PUBLIC)


def _papers() -> Iterator[Document]:
    for line in (HERE / "prose.jsonl").read_text("utf-8").splitlines():
        paper = json.loads(line)
        grade = GRADES[paper["grade"]]
        about = (paper["subject"], f"{grade}年级" if 0 < paper["grade"] < 10 else grade, paper["type"])
        facets = {"subject": paper["subject"], "grade": str(paper["grade"]), "type": paper["type"]}
        yield Document(
            id=f"paper:{paper['id']}", kind="paper", title=paper["title"], author=paper["author"],
            tags=tuple(paper["tags"]), about=about, body=paper["body"], audience=PUBLIC, facets=facets,
        )  # fmt: skip
