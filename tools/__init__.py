"""Tools of the project itself; the product imports nothing from here."""
