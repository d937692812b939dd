"""Public ids: sortable, 128 bits, never guessable by counting."""

from uuid import UUID

import uuid6


def new_id() -> UUID:
    """Return a fresh UUIDv7 (as a plain `UUID`, so that every driver and template knows it)."""
    return UUID(int=uuid6.uuid7().int)
