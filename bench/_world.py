"""A large world for measurements: one group of five schools, 1,000 people, 100,000 resources; always the same."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select

from tongyan.accounts.models import Person
from tongyan.curriculum.models import Node, SchoolEdition, StandardKind
from tongyan.curriculum.seeding import import_seed, node_id
from tongyan.kernel.db import Base, db, transaction
from tongyan.kernel.permissions import group_key, school_key, user_key
from tongyan.library.models import (
    Alignment,
    FileFamily,
    FileState,
    FileText,
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
)
from tongyan.org.models import Group, Membership, Pairing, Posting, PostingKind, School, Stage, Way

NAMESPACE = UUID("8c2f6a52-0000-4000-8000-74616e677961")
EDITIONS = {  # the one that most use stands first
    "语文": ("统编版",),
    "数学": ("人教版", "北师大版", "苏教版", "青岛版"),
    "英语": ("人教版（PEP）（主编：吴欣）", "北师大版", "译林版"),
    "科学": ("教科版", "苏教版", "青岛版"),
    "艺术·音乐": ("人教版", "苏少版"),
    "艺术·美术": ("人教版", "湘美版"),
}
SUBJECTS = tuple(EDITIONS)
WORDS = "山行望洞庭夜书所见秋天的雨大自然的声音分数的初步认识长方形正方形面积圆的周长比例负数百分数统计图"
START = datetime(2026, 9, 1, tzinfo=UTC)
LONG_AGO = date(2020, 9, 1)
SCHOOLS, PEOPLE = 5, 1000
BATCH = 5000
PLACED = 0.7  # so many know their place in a book
ALIGNED = 0.3  # so many name a domain of the standards
DOMAINS = {
    "语文": ("实用性阅读与交流", "文学阅读与创意表达", "整本书阅读"),
    "数学": ("数与代数", "图形与几何", "统计与概率", "综合与实践"),
    "英语": ("人与自我", "人与社会", "人与自然"),
    "科学": ("物质的结构与性质", "生物与环境的相互关系", "宇宙中的地球", "地球系统"),
    "艺术·音乐": ("音乐",),
    "艺术·美术": ("美术",),
}
Books = dict[tuple[str, int], list[list[tuple[UUID, UUID | None]]]]
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def fill(resources: int = 100_000, texts: Iterable[tuple[str, str]] = ()) -> None:
    """Create the tables and the world in the database of the running application.

    `texts` are titles and words for the resources and their files; without them titles are short, and files mute.
    """
    Base.metadata.create_all(db.engine)
    import_seed()
    books = _books()
    chance = Random(7)  # noqa: S311 # not for secrets
    with transaction() as session:
        for model, rows in _organisation():
            session.execute(insert(model), rows)
    both = (_resource(chance, number, books) for number in range(resources))
    given = iter(texts)
    while batch := list(islice(both, BATCH)):
        said = list(islice(given, len(batch)))
        for (resource, _), (title, _) in zip(batch, said, strict=False):
            resource["title"] = title
        with transaction() as session:
            session.execute(insert(Resource), [resource for resource, _ in batch])
            session.execute(insert(ResourceFile), [file for _, file in batch])
            session.execute(insert(Alignment), list(_aligned(chance, (resource for resource, _ in batch))))
            if said:
                pages = zip(batch, said, strict=False)
                session.execute(insert(FileText), [_page(file, text) for (_, file), (_, text) in pages])


def _page(file: dict[str, Any], text: str) -> dict[str, Any]:
    return {"file_id": file["id"], "page": 1, "text": text}


def teacher() -> Person:
    """Return a teacher of the first school."""
    return db.session.get_one(Person, key("person", 0))


def shared_resource() -> UUID:
    """Return a resource that the whole group may see."""
    shared = select(Resource.id).where(Resource.audience == group_key(key("group", 0))).limit(1)
    return db.session.scalars(shared).one()


def key(kind: str, number: int) -> UUID:
    """Return the id of the n-th thing of a kind."""
    return uuid5(NAMESPACE, f"{kind}/{number}")


def _organisation() -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
    yield (
        School,
        [
            {"id": key("school", n), "name": f"第{n}小学", "short_name": f"{n}小", "stages": [Stage.PRIMARY]}
            for n in range(SCHOOLS)
        ],
    )
    group = {"id": key("group", 0), "name": "大集团", "pairing": Pairing.CORE_RURAL, "way": Way.ALLIANCE}
    yield Group, [group | {"founded_on": LONG_AGO, "core_school_id": key("school", 0)}]
    yield (
        Membership,
        [{"group_id": key("group", 0), "school_id": key("school", n), "from_on": LONG_AGO} for n in range(SCHOOLS)],
    )
    yield (
        Person,
        [
            {
                "id": key("person", n),
                "name": f"老师{n}",
                "login": f"t{n}",
                "login_key": f"t{n}",
                "fs_uniquifier": f"f{n}",
            }
            for n in range(PEOPLE)
        ],
    )
    yield (
        SchoolEdition,
        [
            {
                "school_id": key("school", n),
                "term": "2020-1",
                "stage": "primary",
                "subject": subject,
                "edition_node_id": node_id("primary", subject, names[0]),
            }
            for n in range(SCHOOLS)
            for subject, names in EDITIONS.items()
        ],
    )
    yield (
        Posting,
        [
            {
                "person_id": key("person", n),
                "school_id": key("school", n % SCHOOLS),
                "kind": PostingKind.HOME,
                "from_on": LONG_AGO,
            }
            for n in range(PEOPLE)
        ],
    )


def _books() -> Books:
    """Return the books, units and lessons of a subject and grade, by edition."""
    nodes = db.session.scalars(select(Node).where(Node.stage == "primary", Node.grade.is_not(None))).all()
    books: Books = {}
    for subject, editions in EDITIONS.items():
        for grade in range(1, 7):
            here = [node for node in nodes if (node.subject, node.grade) == (subject, grade)]
            books[subject, grade] = [
                [(node.id, node.edition_id) for node in here if node.edition == name] for name in editions
            ]
    return books


def _aligned(chance: Random, resources: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for resource in resources:
        if chance.random() < ALIGNED:
            title = chance.choice(DOMAINS[resource["subject"]])
            yield {"resource_id": resource["id"], "kind": StandardKind.DOMAIN, "title": title}


def _resource(chance: Random, number: int, books: Books) -> tuple[dict[str, Any], dict[str, Any]]:
    owner = chance.randrange(PEOPLE)
    school = key("school", owner % SCHOOLS)
    audiences = [group_key(key("group", 0)), school_key(school), user_key(key("person", owner))]
    audience = chance.choices(audiences, [6, 3, 1])[0]
    published = not audience.startswith("user:")
    at = START + timedelta(minutes=number)
    begin = chance.randrange(len(WORDS) - 6)
    subject, grade = chance.choice(SUBJECTS), chance.randint(1, 6)
    editions = books[subject, grade]
    nodes = chance.choices(editions, [3, *(1 for _ in editions[1:])])[0]
    place, edition = chance.choice(nodes) if nodes and chance.random() < PLACED else (None, None)
    resource = {
        "id": key("resource", number), "title": f"{WORDS[begin:begin + 6]}{number}",
        "kind": chance.choice(list(ResourceKind)),
        "summary": "", "keywords": [], "owner_id": key("person", owner), "school_id": school, "audience": audience,
        "state": ResourceState.PUBLISHED if published else ResourceState.DRAFT, "licence": Licence.CC_BY,
        "stage": "primary", "subject": subject, "grade": grade, "created_at": at,
        "node_id": place, "edition_id": edition,
        "updated_at": at, "published_at": at if published else None, "version": 1,
    }  # fmt: skip
    file = {
        "id": key("file", number), "resource_id": resource["id"], "name": f"{resource['title']}.pptx", "size": 100_000,
        "sha256": f"{number:064x}", "media_type": PPTX,
        "family": FileFamily.DOCUMENT, "state": FileState.READY, "page_count": 12,
    }  # fmt: skip
    return resource, file
