"""Searches that are kept."""

from marshmallow import fields, validate

from blueprints.api.schemas.base import Schema, short
from tongyan.finding.services.saving import MAX_NAME, MAX_PLACE, MAX_TEXT
from tongyan.kernel.search import Sort


class Asked(Schema):
    """What a kept search asks: words, kinds of things, accepted codes by facet, the place searched in, the order."""

    name = short(MAX_NAME, required=True)
    text = short(MAX_TEXT, required=True)
    kinds = fields.List(fields.String(), load_default=list)
    filters = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)
    within = short(MAX_PLACE, load_default="")
    sort = fields.String(load_default=Sort.RELEVANCE.value, validate=validate.OneOf(list(Sort)))
    digest = fields.Boolean(load_default=False)


class SavedSearch(Asked):
    """A kept search; `news` is how much came since its owner last looked."""

    id = fields.UUID()
    news = fields.Integer()
    created_at = fields.DateTime()


class SavedChange(Schema):
    """What can be changed of a kept search."""

    name = short(MAX_NAME, required=True)
    digest = fields.Boolean(required=True)
