"""Course packages, public links, exports and imports."""

from marshmallow import fields, validate

from blueprints.api.schemas.base import NumberQuery, Schema, short
from tongyan.library.models import TransferKind, TransferState
from tongyan.library.services.packages import Shelf

LONG = 5000  # of what the services measure themselves
MOST = 5000


class Entry(Schema):
    """A place in the tree of a package: a heading, or a resource (its id only when one may see it)."""

    id = fields.UUID()
    number = fields.String()
    depth = fields.Integer()
    title = fields.String()
    note = fields.String()
    is_heading = fields.Boolean()
    resource_id = fields.UUID(allow_none=True)
    entries = fields.List(fields.Nested("Entry"))


class ShelfQuery(NumberQuery):
    """On which shelf one looks."""

    shelf = fields.Enum(Shelf, by_value=fields.String, load_default=Shelf.ALL)


class NewPackage(Schema):
    """A package to begin."""

    title = short(LONG, required=True)
    subject = short(32, load_default=None)
    grade = fields.Integer(load_default=None, validate=validate.Range(1, 12))
    node_id = fields.UUID(load_default=None)


class NewHeading(Schema):
    """A heading, below which others may stand."""

    title = short(LONG, required=True)
    parent_id = fields.UUID(load_default=None)


class NewEntries(Schema):
    """Resources to put into a package."""

    resource_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 500))
    parent_id = fields.UUID(load_default=None)


class EntryChange(Schema):
    """What an entry is called."""

    title = short(LONG, required=True)
    note = short(LONG, load_default="")


class EntryPlace(Schema):
    """Where an entry goes: below a heading (None: the top), behind a sibling (None: first)."""

    parent_id = fields.UUID(load_default=None)
    after_id = fields.UUID(load_default=None)


class Link(Schema):
    """A public link; its address is told once, when it is made."""

    id = fields.UUID()
    address = fields.String()
    created_at = fields.DateTime()
    expires_at = fields.DateTime()
    revoked_at = fields.DateTime(allow_none=True)
    opened = fields.Integer()


class NewLink(Schema):
    """How long a link lasts."""

    days = fields.Integer(required=True)


class Transfer(Schema):
    """An export or import and how far it is; one that is stuck says why."""

    id = fields.UUID()
    kind = fields.Enum(TransferKind, by_value=fields.String)
    state = fields.Enum(TransferState, by_value=fields.String)
    filename = fields.String()
    size = fields.Integer()
    progress = fields.Integer()
    stuck = fields.Boolean()
    code = fields.String()
    created_at = fields.DateTime()
    expires_at = fields.DateTime()


class NewExport(Schema):
    """What is to be packed: resources by their ids, or all that is one's own."""

    kind = fields.Enum(TransferKind, by_value=fields.String, load_default=TransferKind.EXPORT_FOLDERS)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=MOST))
    mine = fields.Boolean(load_default=False)
