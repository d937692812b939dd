"""Rows for tests, made the short way. Use within an application context."""

from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from tongyan.accounts.models import Person
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import group_key, school_key
from tongyan.org.models import Group, Membership, Office, OfficeKind, Pairing, Posting, PostingKind, School, Stage, Way

PASSWORD = "correct-horse-battery-staple"
LONG_AGO = date(2020, 9, 1)
_number = count(1)


def save(*rows: Any) -> Any:
    """Commit rows and return the first."""
    with transaction() as session:
        session.add_all(rows)
    return rows[0]


def make_person(name: str = "张老师", login: str | None = None, **values: Any) -> Person:
    """Create a person without a password (see `sign_in`)."""
    login = login or f"t{next(_number):05d}"
    return save(Person(name=name, login=login, login_key=login, fs_uniquifier=uuid4().hex, **values))


def make_school(name: str | None = None, **values: Any) -> School:
    """Create a primary school."""
    name = name or f"第{next(_number)}小学"
    return save(School(name=name, short_name=name[-4:], stages=[Stage.PRIMARY], **values))


def make_group(name: str | None = None, *schools: School) -> Group:
    """Create a group with member schools, the first of them its core."""
    core = schools[0].id if schools else None
    group = Group(
        name=name or f"第{next(_number)}教育集团",
        pairing=Pairing.CORE_RURAL,
        way=Way.ALLIANCE,
        core_school_id=core,
        founded_on=LONG_AGO,
    )
    save(group)
    for school in schools:
        save(Membership(group_id=group.id, school_id=school.id, from_on=LONG_AGO))
    return group


def post(person: Person, school: School, kind: PostingKind = PostingKind.HOME, to_on: date | None = None) -> Posting:
    """Post a person to a school."""
    return save(Posting(person_id=person.id, school_id=school.id, kind=kind, from_on=LONG_AGO, to_on=to_on))


def appoint(person: Person, kind: OfficeKind, scope: str) -> Office:
    """Give a person an office."""
    return save(Office(person_id=person.id, kind=kind, scope=scope, from_on=LONG_AGO))


def make_cast() -> SimpleNamespace:
    """Create the cast that every access rule is played with: ids and rows by role."""
    core, rural, other = make_school("清江实验小学"), make_school("清江乡村小学"), make_school("外地小学")
    group_a, group_b = make_group("清江教育集团", core, rural), make_group("外地教育集团", other)
    people = {
        "owner": make_person("甲老师"),
        "colleague": make_person("乙老师"),
        "head": make_person("丙校长"),
        "group_head": make_person("丁总校长"),
        "neighbour": make_person("戊老师"),
        "outsider": make_person("己老师"),
        "former": make_person("庚老师"),
        "admin": make_person("管理员", is_admin=True),
    }
    for role in ("owner", "colleague", "head", "group_head"):
        post(people[role], core)
    post(people["neighbour"], rural)
    post(people["outsider"], other)
    post(people["former"], core, to_on=today() - timedelta(days=1))
    appoint(people["head"], OfficeKind.SCHOOL_HEAD, school_key(core.id))
    appoint(people["group_head"], OfficeKind.GROUP_HEAD, group_key(group_a.id))
    return SimpleNamespace(core=core, rural=rural, other=other, group_a=group_a, group_b=group_b, **people)


def fresh(model: type[Any], row_id: UUID) -> Any:
    """Read a row again, as it is now."""
    db.session.rollback()
    return db.session.get(model, row_id, populate_existing=True)
