"""The filesystem broker of small installations: a message appears whole, or not at all.

Kombu writes a message in place and reads without regard to its lock; a worker that was quick enough got an empty file
and died of it. Here the file gets its name only when it is complete.
"""

import json
import os
from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem


class Channel(filesystem.Channel):
    """Puts messages into the folder in one step."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override] # its two bases disagree
        name = f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
        draft = Path(self.data_folder_out) / f"{name}.part"  # of no queue's name, so nobody reads it
        try:
            draft.write_text(json.dumps(payload))
            os.replace(draft, draft.with_suffix(""))
        except OSError as error:
            raise ChannelError(f"cannot write {name}") from error


class Transport(filesystem.Transport):
    """Kombu's transport with that channel."""

    Channel = Channel


def register() -> None:
    """Let `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
