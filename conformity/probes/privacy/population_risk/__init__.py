"""How many rows that are unique in the table are likely to be unique in its population."""
