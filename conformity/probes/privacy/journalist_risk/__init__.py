"""How likely rows are linked to people of a reference, and whether that tells who is among the rows."""
