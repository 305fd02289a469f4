"""How unequally a decision's errors help and harm people, and how much of it lies between groups."""
