"""Public links: whoever has one reads a resource without an account, until it ends or somebody ends it.

A link shows what the licence lets everybody have anyway; it is dead as soon as the resource is not shared any more.
The token is shown once and stored hashed. Of a course package a link shows the headings and titles alone, and of these
only what everybody may see for whom the package is: its resources are opened by links of their own.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tongyan.accounts.limits import digest
from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, can, load, visible
from tongyan.library.models import Licence, PublicLink, Resource, ResourceFile, ResourceState
from tongyan.library.policy import Action

MAX_DAYS = 365
OPEN_LICENCES = frozenset(Licence) - {Licence.SCHOOL, Licence.RESERVED}


class LinkState(StrEnum):
    """Whether a link works; `closed` is one whose resource is not shared, or not under a licence for everybody."""

    OPEN = "open"
    REVOKED = "revoked"
    OVER = "over"
    CLOSED = "closed"


class NewLink(NamedTuple):
    """A link and its token, which nobody can read again."""

    link: PublicLink
    token: str


def create_link(actor: Actor, resource_id: UUID, days: int) -> NewLink:
    """Make a link that lasts so many days. Raises NotFound, Forbidden, Invalid, Conflict by state and licence."""
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(errors={"days": ["link.days"]}, limit=MAX_DAYS)
    with transaction() as session:
        resource = load(actor, Resource, resource_id, Action.RESOURCE_LINK)
        if resource.state is not ResourceState.PUBLISHED:
            raise Conflict("link.not_shared")
        if resource.licence not in OPEN_LICENCES:
            raise Conflict("link.licence")
        token = secrets.token_urlsafe(32)
        ends = now() + timedelta(days=days)
        link = PublicLink(
            resource_id=resource.id, token_hash=digest(token), created_by=actor.person_id, expires_at=ends
        )
        session.add(link)
        record(actor, "library:link:create", f"resource:{resource.id}", title=resource.title, until=ends.isoformat())
    return NewLink(link, token)


def links_of(actor: Actor, resource: Resource) -> Sequence[PublicLink]:
    """Return the links of a resource, newest first. Raises Forbidden."""
    _require_hold(actor, resource)
    wanted = select(PublicLink).where(PublicLink.resource_id == resource.id).options(joinedload(PublicLink.creator))
    return db.session.scalars(wanted.order_by(PublicLink.id.desc())).all()


def holds_links(actor: Actor, resource: Resource) -> bool:
    """Say whether the actor looks after a resource's links: its owner, and the heads who could take it down."""
    return can(actor, Action.RESOURCE_LINK, resource) or can(actor, Action.RESOURCE_TAKE_DOWN, resource)


def _require_hold(actor: Actor, resource: Resource) -> None:
    if not holds_links(actor, resource):
        raise Forbidden


def revoke_link(actor: Actor, link_id: UUID) -> PublicLink:
    """End a link at once. Raises NotFound, Forbidden."""
    wanted = select(PublicLink).join(PublicLink.resource).where(PublicLink.id == link_id, visible(actor, Resource))
    with transaction():
        link = db.session.scalar(wanted.options(contains_eager(PublicLink.resource)))
        if link is None:
            raise NotFound
        _require_hold(actor, link.resource)
        if link.revoked_at is None:
            link.revoked_at = now()
            record(actor, "library:link:revoke", f"resource:{link.resource_id}", title=link.resource.title)
    return link


def link_state(link: PublicLink) -> LinkState:
    """Return whether a link works; if not, why."""
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if link.expires_at <= now():
        return LinkState.OVER
    shared = link.resource.state is ResourceState.PUBLISHED and link.resource.licence in OPEN_LICENCES
    return LinkState.OPEN if shared else LinkState.CLOSED


def open_link(token: str) -> PublicLink:
    """Return the link of a token with its resource and files, and count the visit. Raises NotFound."""
    resource = joinedload(PublicLink.resource)
    files = resource.selectinload(Resource.files)
    link = _find(
        token,
        resource.joinedload(Resource.owner),
        resource.joinedload(Resource.school),
        resource.joinedload(Resource.node),
        files.selectinload(ResourceFile.pages),
        files.selectinload(ResourceFile.steps),
    )
    with transaction() as session:
        session.execute(
            update(PublicLink).where(PublicLink.id == link.id).values(opened=PublicLink.opened + 1),
            execution_options={"synchronize_session": False},
        )
    return link


def linked_resource(token: str) -> Resource:
    """Return what a token opens, without counting. Raises NotFound."""
    return _find(token, joinedload(PublicLink.resource)).resource


def linked_file(token: str, file_id: UUID) -> ResourceFile:
    """Return a present file of the resource that a token opens. Raises NotFound."""
    resource = _find(token, joinedload(PublicLink.resource), selectinload(PublicLink.resource, Resource.files)).resource
    file = next((each for each in resource.files if each.id == file_id), None)
    if file is None:
        raise NotFound
    return file


def _find(token: str, *options: object) -> PublicLink:
    wanted = select(PublicLink).where(PublicLink.token_hash == digest(token)).options(*options)  # type: ignore[arg-type] # loader options have no common public type
    link = db.session.scalar(wanted)
    if link is None or link_state(link) is not LinkState.OPEN:
        raise NotFound
    return link
