"""The API for programs, and the catalogue for harvesters."""
