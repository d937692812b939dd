"""Chinese labels of the domain's enums, one table per enum."""

from enum import StrEnum
from typing import Any

LABELS: dict[type[StrEnum], dict[Any, Any]] = {}


def label(member: StrEnum) -> str:
    """Return the label of an enum's member in the reader's language."""
    return str(LABELS.get(type(member), {}).get(member, member.value))
