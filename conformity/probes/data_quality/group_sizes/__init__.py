"""How many rows each group has."""
