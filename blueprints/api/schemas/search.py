"""What is searched, and what was found."""

from marshmallow import fields, validate

from blueprints.api.schemas.base import PageQuery, Schema, page_of, short
from blueprints.api.schemas.resources import ResourceCard
from tongyan.kernel.search import Sort


class SearchQuery(PageQuery):
    """What is searched; a facet may be given several times, then any of its codes fits.

    `q` takes words, "a phrase", -without, and title:, author:, tag:, subject:, grade:, type:, school: before a word;
    `within` is a place to search in: package:… or school:… and its id.
    """

    q = short(200, required=True)
    within = short(64, load_default="")
    subject = fields.List(fields.String(), load_default=list)
    grade = fields.List(fields.String(), load_default=list)
    edition = fields.List(fields.String(), load_default=list)
    type = fields.List(fields.String(), load_default=list)
    school = fields.List(fields.String(), load_default=list)
    licence = fields.List(fields.String(), load_default=list)
    sort = fields.String(load_default=Sort.RELEVANCE.value, validate=validate.OneOf(list(Sort)))


class Piece(Schema):
    """A piece of a text; it is a match where it fits what was searched."""

    text = fields.String()
    is_match = fields.Boolean()


class Leaf(Schema):
    """Where a text stands: a page, slide or sheet of a file."""

    file_id = fields.UUID()
    page = fields.Integer()


class Hit(Schema):
    """A resource that was found, with the pieces of its title and text that fit, and where the text stands."""

    kind = fields.String()
    resource = fields.Nested(ResourceCard, attribute="thing")
    title = fields.List(fields.Nested(Piece))
    text = fields.List(fields.Nested(Piece))
    place = fields.Nested(Leaf, allow_none=True)


class Found(page_of(Hit)):  # type: ignore[misc] # made by a function
    """A page of hits, how many there are by facet, and whether only titles were searched for want of an index.

    `without` says, when nothing was found, how many there would be without the filter of a facet; `meant` is what may
    have been meant when next to nothing was found.
    """

    facets = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Integer()))
    without = fields.Dict(keys=fields.String(), values=fields.Integer())
    meant = fields.String(allow_none=True)
    degraded = fields.Boolean()
