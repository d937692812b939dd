"""Accounts: the ways in, and what people keep about themselves."""
