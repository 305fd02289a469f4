"""How accuracy changes from period to period."""
