"""How selection rates of groups, and the gap between them, change from period to period."""
