"""False positive rates of groups, and the larger of the gaps in true and false positive rates."""
