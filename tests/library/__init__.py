"""Tests of the library: uploads, ingest, sharing, files."""
