"""How old the rows of a table are."""
