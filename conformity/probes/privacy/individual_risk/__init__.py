"""How likely each row of a sample is to be linked to the right person of the population."""
