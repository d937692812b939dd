"""Read one setting in the core; the table of all settings is `tongyan.config`."""

from typing import Any

from flask import current_app


def get(name: str) -> Any:
    """Return the value of a setting of the running application."""
    return current_app.config[name]
