"""The demo group."""
