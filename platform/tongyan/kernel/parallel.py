"""The same work upon several things at once."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, TypeVar

from flask import Flask, current_app

T = TypeVar("T")


def at_once(work: Callable[[T], object], things: Iterable[T]) -> Iterator[T]:
    """Do the work upon every thing, as many at a time as there are processors; gives each thing when it is done.

    Each runs with a session of its own. An error ends the round and is raised here.
    """
    proxy: Any = current_app
    app: Flask = proxy._get_current_object()

    def within(thing: T) -> T:
        with app.app_context():
            work(thing)
        return thing

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in as_completed([pool.submit(within, thing) for thing in things]):
            yield done.result()
