"""What colleagues say about a resource: plain text, the latest first."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Forbidden, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.paging import Page, select_page
from tongyan.kernel.permissions import Actor, can, load
from tongyan.library.events import Commented
from tongyan.library.models import Comment, Resource
from tongyan.library.names import clean_lines
from tongyan.library.policy import Action
from tongyan.library.services.mentions import mentioned

MAX_COMMENT = 2000
PAGE = 20


def add_comment(actor: Actor, resource_id: UUID, text: str) -> Comment:
    """Say something about a resource. Raises NotFound, Forbidden, Invalid."""
    text = clean_lines(text)
    if not 0 < len(text) <= MAX_COMMENT:
        raise Invalid(errors={"text": ["comment.length"]})
    with transaction() as session:
        resource = load(actor, Resource, resource_id, Action.RESOURCE_COMMENT)
        meant = mentioned(actor, resource, text)
        comment = Comment(id=new_id(), resource_id=resource_id, person_id=actor.person_id, text=text)
        comment.mentions = [str(person_id) for person_id in meant]
        session.add(comment)
        publish(Commented(comment.id))
    return comment


def list_comments(actor: Actor, resource_id: UUID, page: int = 1) -> Page[Comment]:
    """Return a page of what is said about a resource, the latest first. Raises NotFound."""
    load(actor, Resource, resource_id)
    said = select(Comment).where(Comment.resource_id == resource_id).options(joinedload(Comment.person))
    return select_page(said.order_by(Comment.created_at.desc(), Comment.id.desc()), page, PAGE)


def may_delete(actor: Actor, comment: Comment, resource: Resource) -> bool:
    """Say whether the actor may take back a comment: whoever wrote it, and whoever answers for the resource."""
    answers = can(actor, Action.RESOURCE_EDIT, resource) or can(actor, Action.RESOURCE_TAKE_DOWN, resource)
    return comment.person_id == actor.person_id or answers


def delete_comment(actor: Actor, comment_id: UUID) -> UUID:
    """Take back a comment, so that only its place stays; return the resource's id. Raises NotFound, Forbidden."""
    with transaction():
        comment = db.session.get(Comment, comment_id)
        if comment is None:
            raise NotFound
        resource = load(actor, Resource, comment.resource_id)
        if not may_delete(actor, comment, resource):
            raise Forbidden
        if comment.deleted_at is None:
            comment.text, comment.mentions, comment.deleted_at = "", [], now()
            record(actor, "library:comment:delete", f"resource:{resource.id}", title=resource.title)
    return comment.resource_id
