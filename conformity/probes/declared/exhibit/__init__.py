"""How much is in a document that was handed in."""
