"""Loading the demo: the county in one transaction, then every resource on the path that a teacher's file takes.

Each step looks first whether it has been done, so that a load that was killed is simply run again. A finished load is
noted in the audit trail; after that nothing is touched, whatever visitors have changed since.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from tongyan.accounts.models import Person
from tongyan.curriculum.seeding import import_seed
from tongyan.demo import cast, county, shelf
from tongyan.kernel import audit, search_jobs, settings
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.paging import exists
from tongyan.kernel.parallel import at_once
from tongyan.kernel.permissions import SYSTEM, Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.ingest.pipeline import ingest
from tongyan.library.models import FileState, Resource, ResourceFile, ResourceState
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
        _fill_shelf(tell)
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


def _fill_shelf(tell: Tell) -> None:
    actors = {member.login: _actor(member.login) for member in cast.people()}
    for item in shelf.ITEMS:
        if _file(actors[item.login], item) is None:
            _upload(actors[item.login], item)
    for line in _take_in():
        tell(line)
    for place, item in enumerate(shelf.ITEMS):
        _present(actors[item.login], item, place)
    tell("检索索引 (search index)")
    search_jobs.rebuild(lambda _percent: None)  # all at once; the jobs that wait will find nothing left to do


def _actor(login: str) -> Actor:
    return actor_for(db.session.scalars(select(Person).where(Person.login == login)).one())


def _file(actor: Actor, item: shelf.Item) -> ResourceFile | None:
    mine = select(ResourceFile).join(Resource).where(Resource.owner_id == actor.person_id)
    return db.session.scalar(mine.where(ResourceFile.path == item.path).limit(1))


def _upload(actor: Actor, item: shelf.Item) -> None:
    """Bring the file in one piece; an upload that an earlier load left half done is given up."""
    for left in library.open_uploads(actor):
        library.cancel_upload(actor, left.id)
    content = item.content(actor.name)
    started = library.start_upload(actor, item.path.rpartition("/")[2], len(content), path=item.path)
    library.receive(actor, started.id, 0, io.BytesIO(content))


def _take_in() -> Iterator[str]:
    """Take every file through its steps here and now, so that the library is complete when the first visitor comes."""
    waiting = db.session.scalars(select(ResourceFile.id).where(ResourceFile.state == FileState.PROCESSING)).all()
    for number, _ in enumerate(at_once(ingest, waiting), 1):
        if number % 5 == 0 or number == len(waiting):
            yield f"课件与教案 (courseware and plans): {number}/{len(waiting)}"


def _present(actor: Actor, item: shelf.Item, place: int) -> None:
    """Describe a draft as its owner would, give it its age, and open it to its audience."""
    release()  # the files were taken in by others
    file = _file(actor, item)
    if file is None or file.resource.state is not ResourceState.DRAFT:
        return
    with transaction():
        resource = file.resource
        _describe(actor, item, resource)
        moment = _moment(item.days, place)
        resource.created_at, resource.updated_at = moment, moment
        if item.audience != shelf.DRAFT:
            resource.published_at = moment  # sharing keeps the first date
            library.share_resource(actor, resource.id, _audience(actor, item.audience))


def _describe(actor: Actor, item: shelf.Item, resource: Resource) -> None:
    edit = library.ResourceEdit(
        title=resource.title,
        kind=resource.kind,
        summary=item.summary,
        keywords=list(item.keywords),
        licence=item.licence,
        source="" if item.kind in shelf.OTHERS else "诗文选自 chinese-poetry（MIT），已据教材校对",
        stage=resource.stage,
        subject=resource.subject,
        grade=resource.grade,
        node_id=resource.node_id,
    )
    library.edit_resource(actor, resource.id, edit)


def _moment(days: int, place: int) -> datetime:
    return now() - timedelta(days=days, minutes=7 * place + 5)


def _audience(actor: Actor, audience: str) -> str:
    if audience == shelf.GROUP:
        return group_key(min(actor.group_ids))
    school_id: UUID = min(actor.school_ids) if actor.school_id is None else actor.school_id
    return school_key(school_id)
