"""Programs and how they say who they are: where a personal access token counts, and where it stands in a request.

Browsers send cookies by themselves, tokens they never do: what a token opens needs no token of our pages (CSRF).
"""

from werkzeug.wrappers import Request

TOKEN_ONLY = ("/api/", "/oai")  # no cookie counts here
TOKEN_TOO = ("/files/", "/uploads")  # pages use these as well; where a token is shown, it alone counts


def for_programs(request: Request) -> bool:
    """Say whether only programs read the answer, whatever the request says it accepts."""
    return request.path.startswith((*TOKEN_ONLY, "/uploads"))


def by_token(request: Request) -> bool:
    """Say whether a token decides about this request, and no cookie."""
    if request.path.startswith(TOKEN_ONLY):
        return True
    return request.path.startswith(TOKEN_TOO) and token_of(request) is not None


def token_of(request: Request) -> str | None:
    """Return the token that a request shows: `Bearer`, or for harvesters the password of `Basic` (any name goes)."""
    shown = request.authorization
    if shown is None:
        return None
    if shown.type == "bearer":
        return shown.token
    return shown.password if shown.type == "basic" and request.path.startswith("/oai") else None
