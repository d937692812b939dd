"""Filling the library: every resource of the shelf on the path that a teacher's file takes."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import func, select

from tongyan.demo import cast, revising, shelf
from tongyan.demo.meant import meant
from tongyan.demo.revising import Actors
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.parallel import at_once
from tongyan.kernel.permissions import Actor, circle_key, group_key, school_key
from tongyan.library import services as library
from tongyan.library.ingest.pipeline import ingest
from tongyan.library.models import FileState, Resource, ResourceFile, ResourceState
from tongyan.org.models import School
from tongyan.org.services.audiences import audience_choices
from tongyan.org.services.circles import circle_for


def fill(actors: Actors) -> Iterator[str]:
    """Bring, describe and open what is missing; give lines that tell how far it is.

    Later versions are taken in along with everything else, a round for each: converting them by themselves would leave
    processors idle.
    """
    for item in shelf.ITEMS:
        if _file(actors[item.login], item) is None:
            _upload(actors[item.login], item)
    rounds = revising.LAST
    yield from _take_in(rounds)
    _present(actors, revising.VERSIONED)
    resource_id = resource_of(actors, revising.VERSIONED).id
    for number in range(2, revising.LAST + 1):
        revising.bring(actors, resource_id, number)
        yield from _take_in(rounds - number + 1)
        revising.bring_out(actors, resource_id, number)
    _present(actors, *(item.key for item in shelf.ITEMS))


def resource_of(actors: Actors, key: str) -> Resource:
    """Return the resource of an item of the shelf."""
    item = next(item for item in shelf.ITEMS if item.key == key)
    file = _file(actors[item.login], item)
    if file is None:
        raise LookupError(key)
    return file.resource


def _file(actor: Actor, item: shelf.Item) -> ResourceFile | None:
    mine = (Resource.owner_id == actor.person_id) & Resource.revises_id.is_(None)
    files = select(ResourceFile).join(ResourceFile.resource).where(mine, ResourceFile.path == item.path)
    return db.session.scalar(files.limit(1))


def _upload(actor: Actor, item: shelf.Item) -> None:
    """Bring the file in one piece; an upload that an earlier load left half done is given up."""
    for left in library.open_uploads(actor):
        library.cancel_upload(actor, left.id)
    content = item.content(actor.name)
    started = library.start_upload(actor, item.path.rpartition("/")[2], len(content), path=item.path)
    library.receive(actor, started.id, 0, io.BytesIO(content))


def _take_in(rounds: int) -> Iterator[str]:
    """Take files through their steps here and now: a part of those that wait, so many rounds being left.

    So the library is complete when the first visitor comes.
    """
    release()
    path = next(item.path for item in shelf.ITEMS if item.key == revising.VERSIONED)
    waits = select(ResourceFile.id).where(ResourceFile.state == FileState.PROCESSING)
    waiting = db.session.scalars(waits.order_by(ResourceFile.path != path, ResourceFile.id)).all()
    total = db.session.scalar(select(func.count(ResourceFile.id))) or 0
    for number, _ in enumerate(at_once(ingest, waiting[: ceil(len(waiting) / rounds)]), total - len(waiting) + 1):
        if number % 5 == 0:
            yield f"课件与教案 (courseware and plans): {number}/{total}"


def _present(actors: Actors, *keys: str) -> None:
    """Describe drafts as their owners would, give them their age, and open them to their audiences."""
    release()  # the files were taken in by others
    with transaction():
        for place, item in enumerate(shelf.ITEMS):
            file = _file(actors[item.login], item) if item.key in keys else None
            if file is not None and file.resource.state is ResourceState.DRAFT and file.resource.review_scope is None:
                _open(actors[item.login], item, file.resource, _moment(item.days, place))


def _open(actor: Actor, item: shelf.Item, resource: Resource, moment: datetime) -> None:
    _describe(actor, item, resource)
    resource.created_at, resource.updated_at = moment, moment
    if item.audience not in shelf.DRAFTS:
        resource.published_at = moment  # sharing keeps the first date
        library.share_resource(actor, resource.id, _audience(actor, item.audience))


def _describe(actor: Actor, item: shelf.Item, resource: Resource) -> None:
    """Say what the name of the file does not; a draft has not come to the details yet."""
    details = {} if item.audience == shelf.DRAFT else meant(item)
    together = (group.id for group in library.own_prep_groups(actor) if group.grade == resource.grade)
    edit = revising.edit_of(
        resource,
        summary=item.summary,
        keywords=list(item.keywords),
        licence=item.licence,
        source="" if item.kind in shelf.OTHERS else "诗文选自 chinese-poetry（MIT），已据教材校对",
        prep_group_id=next(together, None),
        **details,
    )
    library.edit_resource(actor, resource.id, edit)


def _moment(days: int, place: int) -> datetime:
    return now() - timedelta(days=days, minutes=7 * place + 5)


def _audience(actor: Actor, audience: str) -> str:
    kind, _, schools = audience.partition(":")
    if kind == shelf.GROUP:
        return group_key(min(actor.group_ids))
    if kind == shelf.SCHOOL:
        school_id: UUID = min(actor.school_ids) if actor.school_id is None else actor.school_id
        return school_key(school_id)
    if kind == "schools":
        return circle_key(circle_for(actor, _school_ids(schools.split())))
    return next(choice.audience for choice in audience_choices(actor) if choice.kind == kind)


def _school_ids(keys: list[str]) -> list[UUID]:
    names = [cast.SCHOOLS[key][1].name for key in keys]
    return list(db.session.scalars(select(School.id).where(School.name.in_(names))))
