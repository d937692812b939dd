"""Twenty people who search at once, each over a connection of their own, with a moment of thought in between."""

import http.client
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from urllib.parse import quote

from tests.remote import Browserlike

THINKING = (1.0, 2.0)  # seconds between two requests of one person
SUGGESTED = 2  # suggestions that are asked for while a question is typed
WARM_UP = 5.0  # seconds that do not count
PATIENCE = 30.0

Times = dict[str, list[float]]


class Crowd:
    """Signed-in people and what they want to know; `times` are the milliseconds of each kind of request."""

    def __init__(self, port: int, people: Sequence[Browserlike], questions: Sequence[str]) -> None:
        self.times: Times = defaultdict(list)
        self.failures: list[str] = []
        self._port = port
        self._people = people
        self._questions = questions

    def search(self, seconds: float) -> Times:
        """Let everybody search for so long."""
        self._begun = time.monotonic()
        self._end = self._begun + seconds
        threads = [threading.Thread(target=self._person, args=(number,)) for number in range(len(self._people))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures:
            raise RuntimeError(self.failures[0])
        return self.times

    def _person(self, number: int) -> None:
        chance = Random(number)  # noqa: S311 # not for secrets
        headers = self._people[number].headers
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        time.sleep(chance.uniform(0, THINKING[1]))
        while time.monotonic() < self._end:
            text = chance.choice(self._questions)
            pieces = [text[: len(text) * part // (SUGGESTED + 1)] for part in range(1, SUGGESTED + 1)]
            steps = [("suggestions", f"/search/suggest?q={quote(piece)}") for piece in pieces if piece]
            for kind, path in [*steps, ("page", f"/search?q={quote(text)}")]:
                self._ask(connection, kind, path, headers)
                time.sleep(chance.uniform(*THINKING))
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, kind: str, path: str, headers: dict[str, str]) -> None:
        begun = time.monotonic()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            self.failures.append(f"{path}: {answer.status}")
        if begun > self._begun + WARM_UP:
            self.times[kind].append((time.monotonic() - begun) * 1000)
