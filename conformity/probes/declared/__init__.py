"""What people hand in: that it is there, and how much of it."""
