"""The edges: one folder per feature, pages, JSON and socket events."""
