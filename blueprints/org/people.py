"""Pages of people: their accounts, and the Excel import."""
