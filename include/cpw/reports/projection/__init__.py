"""How many children there will be in care and leaving it."""
