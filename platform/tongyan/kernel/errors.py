"""What can go wrong in the domain: a code and its data; the sentences stand in blueprints.common.messages."""

from typing import Any


class TongyanError(Exception):
    """A refusal the user can understand; `code` names it ("area.problem"), `data` fills its sentence."""

    status = 400
    default_code = "error"

    def __init__(self, code: str | None = None, **data: Any) -> None:
        self.code = code or self.default_code
        self.data = data
        super().__init__(self.code)


class NotFound(TongyanError):
    """Missing, or hidden from this actor: the two must look alike."""

    status = 404
    default_code = "not_found"


class Forbidden(TongyanError):
    """Visible, but this actor may not do that."""

    status = 403
    default_code = "forbidden"


class Invalid(TongyanError):
    """The input breaks a rule; `errors` maps a field to the codes of what is wrong with it."""

    status = 422
    default_code = "invalid"

    def __init__(self, code: str | None = None, errors: dict[str, list[str]] | None = None, **data: Any) -> None:
        super().__init__(code, **data)
        self.errors = errors or {}


class Conflict(TongyanError):
    """The thing is not in a state (or version) in which this can be done."""

    status = 409
    default_code = "conflict"


class TooLarge(TongyanError):
    """Over a size limit or quota."""

    status = 413
    default_code = "too_large"


class Unsupported(TongyanError):
    """A kind of file or payload that is not accepted."""

    status = 415
    default_code = "unsupported"


class TooMany(TongyanError):
    """Asked too often; `data["seconds"]` says when to try again."""

    status = 429
    default_code = "too_many"


class Unavailable(TongyanError):
    """A part that is needed does not answer now."""

    status = 503
    default_code = "unavailable"


class StorageFull(TongyanError):
    """The disk has no room; nothing was written."""

    status = 507
    default_code = "storage_full"
