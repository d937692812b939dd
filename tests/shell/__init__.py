"""The frame of every page: the desk, the notices, the person menu."""
