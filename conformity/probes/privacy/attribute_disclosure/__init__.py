"""How much of a sensitive value becomes known of those who share all quasi-identifiers."""
