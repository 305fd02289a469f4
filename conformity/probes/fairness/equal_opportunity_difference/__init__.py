"""True positive rates of groups and the largest difference between them."""
