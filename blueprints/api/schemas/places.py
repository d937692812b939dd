"""People, schools, groups and the curriculum."""

from marshmallow import fields

from blueprints.api.schemas.base import Named, PageQuery, Schema, short
from tongyan.curriculum.models import Level
from tongyan.org.models import OfficeKind, Stage


class Office(Schema):
    """An office that is held today."""

    kind = fields.String(metadata={"enum": [kind.value for kind in OfficeKind]})
    scope = fields.String()
    subject = fields.String(allow_none=True)


class Token(Schema):
    """The token that was shown."""

    name = fields.String()
    may_write = fields.Boolean()
    expires_at = fields.DateTime()


class Me(Schema):
    """In whose name a token acts."""

    id = fields.UUID()
    name = fields.String()
    login = fields.String()
    school_id = fields.UUID(allow_none=True)
    schools = fields.List(fields.UUID())
    groups = fields.List(fields.UUID())
    offices = fields.List(fields.Nested(Office))
    token = fields.Nested(Token)


class School(Schema):
    """A school."""

    id = fields.UUID()
    name = fields.String()
    short_name = fields.String()
    stages = fields.List(fields.String(metadata={"enum": [stage.value for stage in Stage]}))


class Group(Schema):
    """A group and its schools of today."""

    id = fields.UUID()
    name = fields.String()
    founded_on = fields.Date()
    schools = fields.List(fields.Nested(Named))


class Node(Schema):
    """A place in the curriculum."""

    id = fields.UUID()
    parent_id = fields.UUID(allow_none=True)
    level = fields.Enum(Level, by_value=fields.String)
    title = fields.String()
    stage = fields.String()
    subject = fields.String()
    edition = fields.String()
    grade = fields.Integer(allow_none=True)
    volume = fields.String()
    std = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    retired_on = fields.Date(allow_none=True)
    successor_id = fields.UUID(allow_none=True)


class NodeLine(Node):
    """A place with what leads to it, from the stage down."""

    line = fields.List(fields.Nested(Node))


class NodeQuery(Schema):
    """What of the tree is wanted: what lies below `parent`, the stages without one."""

    parent = fields.UUID(load_default=None)
    past = fields.Boolean(load_default=False)


class NameQuery(PageQuery):
    """What a name holds."""

    text = short(100, load_default="")
