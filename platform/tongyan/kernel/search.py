"""Searching what features register."""
