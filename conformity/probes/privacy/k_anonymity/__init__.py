"""How many people each combination of quasi-identifiers could be."""
