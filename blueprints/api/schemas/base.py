"""What all schemas share."""

from functools import cache
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from tongyan.kernel.paging import MAX_PAGE, PAGE_SIZE

MAX_SIZE = 100


class Schema(ma.Schema):
    """Named fields in a fixed order; what is sent beside them is refused."""

    error_messages = {"unknown": "field.unknown"}  # noqa: RUF012 # as marshmallow wants it


class Refusal(Schema):
    """What every refusal says: a code for programs, a sentence for people, and what is wrong with which field."""

    ok = fields.Constant(False)
    code = fields.String()
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class NumberQuery(Schema):
    """Which page of a list is wanted."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, MAX_PAGE))


class PageQuery(NumberQuery):
    """Which page of a list is wanted, and how long it is."""

    size = fields.Integer(load_default=PAGE_SIZE, validate=validate.Range(1, MAX_SIZE))


class Named(Schema):
    """Somebody or something by id and name."""

    id = fields.UUID()
    name = fields.String()


@cache  # the same item has one page: OpenAPI names each schema once
def page_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of a list."""
    parts: dict[str, Any] = {
        "items": fields.List(fields.Nested(item)),
        "total": fields.Integer(),
        "page": fields.Integer(attribute="number"),
        "pages": fields.Integer(),
        "size": fields.Integer(),
    }
    return type(f"{item.__name__}Page", (Schema,), {"__doc__": f"A page of a list of {item.__name__}.", **parts})


@cache
def list_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a list that is given as a whole."""
    parts = {"items": fields.List(fields.Nested(item))}
    return type(f"{item.__name__}List", (Schema,), {"__doc__": f"A list of {item.__name__}.", **parts})


def short(most: int, **more: Any) -> fields.String:
    """Return a field for a text of at most so many characters."""
    return fields.String(validate=validate.Length(max=most), **more)
