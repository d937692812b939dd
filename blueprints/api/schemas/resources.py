"""Resources and their files."""

from marshmallow import fields, validate

from blueprints.api.schemas.base import Named, PageQuery, Schema, short
from tongyan.library.models import (
    Difficulty,
    FileFamily,
    FileState,
    ForWhom,
    Licence,
    ResourceKind,
    ResourceState,
    Standing,
)
from tongyan.library.services.listing import SORTS

MAX_GRADE = 12


class Contributor(Schema):
    """Somebody who helped, and with what."""

    name = short(64, required=True)
    role = short(16, load_default="")


class File(Schema):
    """A file and where to get it; an address that is missing shows what the file has not (yet)."""

    id = fields.UUID()
    resource_id = fields.UUID()
    name = fields.String()
    path = fields.String()
    size = fields.Integer()
    sha256 = fields.String(allow_none=True)
    media_type = fields.String()
    family = fields.Enum(FileFamily, by_value=fields.String)
    state = fields.Enum(FileState, by_value=fields.String)
    error_code = fields.String(allow_none=True)
    page_count = fields.Integer(allow_none=True)
    duration = fields.Float(allow_none=True)
    addresses = fields.Dict(keys=fields.String(), values=fields.String())


class Tally(Schema):
    """How a resource fared."""

    views = fields.Integer()
    downloads = fields.Integer()
    uses = fields.Integer()
    copies = fields.Integer()
    favourites = fields.Integer()
    stars = fields.Float(allow_none=True)
    rating_count = fields.Integer()


class ResourceCard(Schema):
    """A resource as lists show it."""

    id = fields.UUID()
    version = fields.Integer(metadata={"description": "send it back when you change the resource"})
    title = fields.String()
    kind = fields.Enum(ResourceKind, by_value=fields.String)
    state = fields.Enum(ResourceState, by_value=fields.String)
    summary = fields.String()
    keywords = fields.List(fields.String())
    owner = fields.Nested(Named)
    school = fields.Nested(Named, allow_none=True)
    audience = fields.String()
    licence = fields.Enum(Licence, by_value=fields.String, allow_none=True)
    stage = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    grade = fields.Integer(allow_none=True)
    node_id = fields.UUID(allow_none=True)
    standing = fields.Enum(Standing, by_value=fields.String, allow_none=True)
    number = fields.Integer()
    tally = fields.Nested(Tally, allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    published_at = fields.DateTime(allow_none=True)
    address = fields.String()


class Resource(ResourceCard):
    """A resource with all it says."""

    source = fields.String()
    contributors = fields.List(fields.Nested(Contributor))
    prep_group_id = fields.UUID(allow_none=True)
    language = fields.String()
    for_whom = fields.List(fields.String())
    domains = fields.List(fields.String())
    competencies = fields.List(fields.String())
    difficulty = fields.Enum(Difficulty, by_value=fields.String, allow_none=True)
    periods = fields.Integer(allow_none=True)
    note = fields.String()
    replaces_id = fields.UUID(allow_none=True)
    revises_id = fields.UUID(allow_none=True)
    review_scope = fields.String(allow_none=True)
    files = fields.List(fields.Nested(File))


class ResourceQuery(PageQuery):
    """What a list is narrowed to; without `mine`, `favourites` or `trashed` it is what is shared with the person."""

    subject = short(32, load_default=None)
    grade = fields.Integer(load_default=None, validate=validate.Range(1, MAX_GRADE))
    stage = short(32, load_default=None)
    kind = fields.Enum(ResourceKind, by_value=fields.String, load_default=None)
    school = fields.UUID(load_default=None)
    node = fields.UUID(load_default=None, metadata={"description": "stands for all below it"})
    licence = fields.Enum(Licence, by_value=fields.String, load_default=None)
    audience = short(64, load_default=None)
    state = fields.Enum(ResourceState, by_value=fields.String, load_default=None)
    text = short(100, load_default=None)
    mine = fields.Boolean(load_default=False)
    favourites = fields.Boolean(load_default=False)
    trashed = fields.Boolean(load_default=False)
    sort = fields.String(load_default="newest", validate=validate.OneOf(list(SORTS)))


class ResourceChange(Schema):
    """What is to be changed, and the version of the resource that the change was made from; the rest stays."""

    version = fields.Integer(required=True)
    title = fields.String()
    kind = fields.Enum(ResourceKind, by_value=fields.String)
    summary = fields.String()
    keywords = fields.List(fields.String())
    licence = fields.Enum(Licence, by_value=fields.String, allow_none=True)
    source = fields.String()
    stage = short(32, allow_none=True)
    subject = short(32, allow_none=True)
    grade = fields.Integer(allow_none=True, validate=validate.Range(1, MAX_GRADE))
    node_id = fields.UUID(allow_none=True)
    contributors = fields.List(fields.Nested(Contributor))
    prep_group_id = fields.UUID(allow_none=True)
    domains = fields.List(fields.String())
    competencies = fields.List(fields.String())
    for_whom = fields.List(fields.Enum(ForWhom, by_value=fields.String))
    difficulty = fields.Enum(Difficulty, by_value=fields.String, allow_none=True)
    periods = fields.Integer(allow_none=True)
    replaces_id = fields.UUID(allow_none=True)


class Sharing(Schema):
    """To whom a resource is opened, and what they may do with it."""

    audience = short(64, required=True)
    licence = fields.Enum(Licence, by_value=fields.String, load_default=None)
    note = short(500, load_default="")


class AudienceOption(Schema):
    """An audience to which something may be opened."""

    audience = fields.String()
    name = fields.String()
