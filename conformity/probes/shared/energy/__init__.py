"""How energy is measured and told: the meter, its parts and errors, grids, and what follows."""
