"""What attacks achieved that other programs made on a system and reported."""
