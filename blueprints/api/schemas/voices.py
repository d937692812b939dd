"""What colleagues say of a resource and do with it."""

from marshmallow import fields

from blueprints.api.schemas.base import Named, Schema, short
from blueprints.api.schemas.places import Node
from blueprints.api.schemas.resources import ResourceCard
from tongyan.library.models import CorrectionState

LONG = 5000  # of what the services measure themselves


class Rating(Schema):
    """Stars and why."""

    person = fields.Nested(Named)
    stars = fields.Integer()
    reason = fields.String()
    updated_at = fields.DateTime()


class RatingChange(Schema):
    """One's own rating."""

    stars = fields.Integer(required=True)
    reason = short(LONG, required=True)


class Comment(Schema):
    """What somebody said; of one that was taken back only the place is left."""

    id = fields.UUID()
    person = fields.Nested(Named)
    text = fields.String()
    created_at = fields.DateTime()
    deleted_at = fields.DateTime(allow_none=True)


class Text(Schema):
    """Something to say."""

    text = short(LONG, required=True)


class Correction(Schema):
    """Something that is wrong, and what became of it."""

    id = fields.UUID()
    file_id = fields.UUID(allow_none=True)
    page = fields.Integer(allow_none=True)
    text = fields.String()
    state = fields.Enum(CorrectionState, by_value=fields.String)
    answer = fields.String()
    person = fields.Nested(Named)
    created_at = fields.DateTime()


class Mistake(Text):
    """What is wrong, and where."""

    file_id = fields.UUID(load_default=None)
    page = fields.Integer(load_default=None)


class CorrectionAnswer(Schema):
    """Whether it was mended; if not, why."""

    done = fields.Boolean(required=True)
    answer = short(LONG, load_default="")


class Use(Schema):
    """A lesson for which a resource was chosen."""

    node = fields.Nested(Node)
    number = fields.Integer()
    schools = fields.List(fields.String())
    people = fields.List(fields.String())


class UseChange(Schema):
    """A lesson of one's own."""

    node_id = fields.UUID(required=True)


class Chosen(Schema):
    """What one chose for a lesson; without a resource when that is open no more."""

    id = fields.UUID()
    node_id = fields.UUID()
    number = fields.Integer()
    newer = fields.Boolean()
    resource = fields.Nested(ResourceCard, allow_none=True)


class Lesson(Schema):
    """A lesson with all that one chose for it."""

    node = fields.Nested(Node)
    book = fields.String()
    unit = fields.String()
    chosen = fields.List(fields.Nested(Chosen))
