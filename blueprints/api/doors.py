"""How an endpoint of the API is made: `@bp.door("GET", "/me", gives=Person)`; what it takes, gives and says to OpenAPI.

flask-smorest stands behind it, but its errors are answered by `blueprints.common.errors` like all others, and what is
sent is read strictly: a field that is not there is refused, as is a body that is not JSON.
"""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

import marshmallow as ma
from flask import Request, Response
from flask_smorest import Api, Blueprint
from marshmallow import fields
from webargs.flaskparser import FlaskParser

from blueprints.api.schemas.base import Refusal, Schema
from tongyan.kernel.errors import Invalid, Unsupported

View = TypeVar("View", bound=Callable[..., Any])

MISSING = fields.Field.default_error_messages["required"]


class Parser(FlaskParser):
    """Reads what is sent; what does not fit is refused in our shape."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None}  # noqa: RUF012 # the schema says what is unknown

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Read the body; one of another type is no empty body."""
        if req.get_data(cache=True) and not req.is_json:
            raise Unsupported
        return super().load_json(req, schema)

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Refuse input as the services do: fields and codes, never the input itself."""
        raise Invalid(errors=dict(_codes(error.messages)))


def _codes(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Give the codes of marshmallow's messages, a field of a field as "files.0.name"."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            location = not path and name in {"json", "query"}
            yield from _codes(inner, path if location else (*path, str(name)))
    else:
        yield ".".join(path) or "body", [_code(message) for message in messages]


def _code(message: str) -> str:
    return {MISSING: "field.missing"}.get(message, message if message.startswith("field.") else "field.invalid")


class Doors(Blueprint):  # type: ignore[misc] # flask-smorest ships no types
    """A blueprint whose views are described to OpenAPI."""

    ARGUMENTS_PARSER = Parser()

    def door(
        self,
        method: str,
        rule: str,
        tag: str,
        *,
        gives: type[Schema] | None = None,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        status: int = 200,
    ) -> Callable[[View], View]:
        """Add a view; what was asked and sent comes as `query` and `body`, both checked."""

        def add(view: View) -> View:
            opened: Any = view
            if query is not None:
                opened = self.arguments(query, location="query", arg_name="query")(opened)
            if body is not None:
                opened = self.arguments(body, arg_name="body")(opened)
            opened = self.response(status, gives)(opened)
            self.route(rule, methods=[method], tags=[tag])(opened)
            return view

        return add


def done() -> Response:
    """Return the answer of a deed that has nothing to say."""
    return Response(status=204)


class HouseApi(Api):  # type: ignore[misc] # flask-smorest ships no types
    """The description of all doors; errors are answered where all others are."""

    ERROR_SCHEMA = Refusal

    def _register_error_handlers(self) -> None:
        """Leave errors to `blueprints.common.errors`."""
