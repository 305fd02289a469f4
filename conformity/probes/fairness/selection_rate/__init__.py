"""Selection rates of groups."""
