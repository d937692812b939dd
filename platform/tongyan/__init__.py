"""Tongyan (同研): the core of the platform, everything that is true without a browser."""
