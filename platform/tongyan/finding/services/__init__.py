"""Use cases of finding, one module each."""
