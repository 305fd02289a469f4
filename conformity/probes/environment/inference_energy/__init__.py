"""Energy, emissions and time of the declared model on declared data."""
