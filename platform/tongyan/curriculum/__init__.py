"""Stage, subject, edition, volume, unit, lesson."""
