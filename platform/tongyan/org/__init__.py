"""Regions, schools, groups, and who serves where in which office."""
