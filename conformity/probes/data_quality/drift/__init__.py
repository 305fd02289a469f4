"""How far the columns of a table are from those of the training table."""
