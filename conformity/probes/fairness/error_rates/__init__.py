"""Error rates and predictive values of groups, and the gaps between them."""
