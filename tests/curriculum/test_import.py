"""The seed becomes a tree; importing again doubles nothing and respects what administrators did."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import func, select

from tests.curriculum.conftest import THREE_A
from tongyan.accounts.models import Person
from tongyan.curriculum import services
from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.seeding import SEED, import_seed
from tongyan.kernel.db import db
from tongyan.kernel.jobs import Job
from tongyan.kernel.permissions import Actor
from tongyan.kernel.searchables import INDEX


def counts() -> Counter[Level]:
    db.session.rollback()
    return Counter(dict(db.session.execute(select(Node.level, func.count()).group_by(Node.level)).all()))


def test_every_entry_of_the_file_becomes_one_node(app: Flask) -> None:
    done = import_seed()
    said = json.loads(SEED.read_text(encoding="utf-8"))["meta"]["counts"]
    found = counts()
    assert [found[level] for level in Level] == [
        said[name] for name in ("stages", "stage_subjects", "editions", "volumes", "units", "lessons")
    ]
    assert done.added == found.total()


def test_importing_again_changes_nothing(seeded: None, seed_file: Path) -> None:
    again = import_seed(seed_file)
    assert (again.added, again.changed) == (0, 0)


def test_a_corrected_file_updates_in_place(seeded: None, seed_file: Path, tmp_path: Path) -> None:
    before = counts()
    corrected = tmp_path / "seed.json"
    corrected.write_text(seed_file.read_text(encoding="utf-8").replace("六三学制", "六三制"), encoding="utf-8")
    done = import_seed(corrected)
    assert (done.added, done.changed, counts()) == (0, 2, before)


def test_the_index_reads_a_corrected_file(seeded: None, seed_file: Path, tmp_path: Path) -> None:
    import_seed(seed_file)  # nothing changed; and the index is built from what is there at first
    indexing = select(Job).where(Job.kind == INDEX)
    assert db.session.scalars(indexing).all() == []
    corrected = tmp_path / "seed.json"
    corrected.write_text(seed_file.read_text(encoding="utf-8").replace("六三学制", "六三制"), encoding="utf-8")
    import_seed(corrected)
    told = [each for job in db.session.scalars(indexing) for each in job.args["ids"]]  # also what lies below
    assert sorted(told) == sorted(map(str, db.session.scalars(select(Node.id))))


def test_what_an_administrator_changed_survives_an_import(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], node: Callable[..., Node], seed_file: Path
) -> None:
    unit = node(*THREE_A, "第二单元")
    services.rename_node(actor(cast.admin), unit.id, "第二单元 金秋时节")
    assert import_seed(seed_file).kept == 1
    assert node(*THREE_A, "第二单元").title == "第二单元 金秋时节"


def test_a_lesson_knows_where_it_stands(node: Callable[..., Node]) -> None:
    lesson = node(*THREE_A, "第二单元", "古诗三首（望洞庭/山行/夜书所见）")
    assert (lesson.stage, lesson.subject, lesson.edition, lesson.grade) == ("primary", "语文", "统编版", 3)
    assert (lesson.volume, lesson.std, lesson.valid_from) == ("上册", "2022", date(2025, 8, 1))
    line = [step.title for step in services.node_line(lesson)]
    assert line == ["小学", "语文", "统编版", "三年级上册", "第二单元", "古诗三首（望洞庭/山行/夜书所见）"]


def test_the_old_book_ends_when_its_revision_begins(node: Callable[..., Node]) -> None:
    old, new = node(*THREE_A[:5], "2011", ""), node(*THREE_A)
    assert (old.valid_to, old.successor_id) == (date(2025, 7, 31), new.id)
    assert old.in_force(date(2025, 7, 31))
    assert not old.in_force(date(2025, 8, 1))
    assert new.in_force(date(2025, 8, 1))


def test_an_old_book_without_a_revision_in_the_file_stays_in_use(node: Callable[..., Node]) -> None:
    assert node("primary", "语文", "统编版", "六年级", "上册", "2011", "").in_force(date(2026, 11, 24))
