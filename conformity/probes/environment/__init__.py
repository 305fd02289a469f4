"""What running the system costs in energy, carbon and time."""
