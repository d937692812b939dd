"""The tests: one package per feature, one file per use case."""
