"""Regions, schools, groups, and who serves where."""
