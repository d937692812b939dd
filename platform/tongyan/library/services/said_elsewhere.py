"""What an archive of another installation says about a resource, taken over as far as it means something here."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tongyan.curriculum.models import Node
from tongyan.curriculum.names import GRADES
from tongyan.library.models import Difficulty, Licence, ResourceKind
from tongyan.library.services.editing import ResourceEdit


def edit_from(edit: ResourceEdit, said: Mapping[str, Any], title: str, node: Node | None) -> ResourceEdit:
    """Return an edit with what is said; what cannot be understood keeps the value it has.

    The place is the one found here by its titles: ids of other installations mean nothing.
    """
    values: dict[str, Any] = {"title": title.strip()[:200]} if title.strip() else {}
    for name, read in READERS.items():
        with suppress(KeyError, TypeError, ValueError):
            values[name] = read(said[name])
    if {"subject", "grade"} & set(values):
        values |= {"stage": None, "node_id": None}
    if node is not None:
        values |= {"node_id": node.id, "stage": node.stage}
    return replace(edit, **values)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _some_text(value: Any) -> str | None:
    return None if value is None else _text(value)[:32] or None


def _texts(values: Any) -> list[str]:
    return [_text(value) for value in _list(values)]


def _people(values: Any) -> list[dict[str, str]]:
    return [{"name": _text(each["name"]), "role": _text(each["role"])} for each in _list(values)]


def _list(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise TypeError(values)
    return values


def _grade(value: Any) -> int | None:
    if value is None or value in range(1, len(GRADES) + 1):
        return None if value is None else int(value)
    raise ValueError(value)


def _periods(value: Any) -> int | None:
    return None if value is None else int(value)


def _or_none(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else kind(value)


READERS: dict[str, Callable[[Any], Any]] = {
    "kind": ResourceKind,
    "summary": _text,
    "keywords": _texts,
    "licence": _or_none(Licence),
    "source": _text,
    "subject": _some_text,
    "grade": _grade,
    "contributors": _people,
    "domains": _texts,
    "competencies": _texts,
    "for_whom": _texts,
    "difficulty": _or_none(Difficulty),
    "periods": _periods,
}
