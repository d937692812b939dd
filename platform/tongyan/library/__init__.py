"""Shared resources: records, files, ingest."""
