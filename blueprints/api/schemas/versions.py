"""Versions, copies and reviews."""

from marshmallow import fields

from blueprints.api.schemas.base import Named, NumberQuery, Schema, short
from blueprints.api.schemas.resources import File, ResourceCard
from tongyan.library.models import ReviewState, Standing

LONG = 5000  # of what the services measure themselves


class Version(Schema):
    """What a resource said and held before its present version."""

    number = fields.Integer()
    note = fields.String()
    said = fields.Dict(keys=fields.String(), attribute="fields")
    files = fields.List(fields.Nested(File))
    person = fields.Nested(Named)
    published_at = fields.DateTime(allow_none=True)
    replaced_at = fields.DateTime()


class Update(Schema):
    """The origin of a copy, when it has a newer version."""

    origin = fields.Nested(ResourceCard, allow_none=True)


class Review(Schema):
    """One look of one level at a resource."""

    id = fields.UUID()
    resource_id = fields.UUID()
    level = fields.Enum(Standing, by_value=fields.String)
    scope = fields.String()
    audience = fields.String()
    subject = fields.String(allow_none=True)
    state = fields.Enum(ReviewState, by_value=fields.String)
    note = fields.String()
    comment = fields.String()
    submitter = fields.Nested(Named)
    submitted_at = fields.DateTime()
    reviewer = fields.Nested(Named, allow_none=True)
    decided_at = fields.DateTime(allow_none=True)


class ReviewQuery(NumberQuery):
    """What of the queue is wanted."""

    subject = short(32, load_default=None)


class Note(Schema):
    """What the owner says to the reviewers."""

    note = short(500, load_default="")


class Decision(Schema):
    """What a reviewer decides; a return says why."""

    approve = fields.Boolean(required=True)
    comment = short(LONG, load_default="")
