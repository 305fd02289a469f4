"""Energy, emissions and time that were recorded elsewhere."""
