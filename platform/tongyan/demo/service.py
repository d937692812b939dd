"""Loading the demo: the county in one transaction, then every resource on the path that a teacher's file takes, then
what became of them.

Each step looks first whether it has been done, so that a load that was killed is simply run again. A finished load is
noted in the audit trail; after that nothing is touched, whatever visitors have changed since.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import func, select

from tongyan.accounts.models import Person
from tongyan.curriculum.seeding import import_seed
from tongyan.demo import cast, county, filling, shelf, story, telling
from tongyan.kernel import audit, search_jobs, settings
from tongyan.kernel.db import db, transaction
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import SYSTEM
from tongyan.org.actors import actor_for

LOADED = "demo.load"

Tell = Callable[[str], None]


class DemoRefused(RuntimeError):
    """The demo must not be loaded here; the message says why."""


def load(tell: Tell = lambda _line: None) -> Sequence[cast.Account]:
    """Load what is missing of the demo and return the accounts to try; raises DemoRefused."""
    _refuse()
    if not exists(select(audit.AuditEntry.seq).where(audit.AuditEntry.action == LOADED)):
        tell("教材目录、学校与教师 (curriculum, schools, teachers)")
        import_seed()
        if not exists(select(Person.id)):
            county.found()
        _fill(tell)
        with transaction():
            audit.record(SYSTEM, LOADED, "demo", people=len(cast.people()), resources=len(shelf.ITEMS))
    return cast.accounts()


def _refuse() -> None:
    if not settings.get("DEMO"):
        raise DemoRefused("演示模式未开启：设置 TONGYAN_DEMO=true 后再载入 (demo mode is off)")
    known = [member.login for member in cast.people()]
    players = db.session.scalar(select(func.count()).where(Person.login.in_(known))) or 0
    if players < len(known) and exists(select(Person.id)):  # the players come all together
        raise DemoRefused("数据库里已有真实用户，不载入演示数据 (there are real people in this database)")


def _fill(tell: Tell) -> None:
    """Fill the library and let its story happen; the index is made once, at the end."""
    people = db.session.scalars(select(Person)).all()  # the players alone
    actors = {person.login: actor_for(person) for person in people}
    for line in filling.fill(actors):
        tell(line)
    tell("评价、课程包与审核 (voices, packages, reviews)")
    for part in (story.PAST, story.TODAY):
        telling.tell(actors, part)
    tell("检索索引 (search index)")
    search_jobs.rebuild(lambda _percent: None)  # all at once; the jobs that wait will find nothing left to do
