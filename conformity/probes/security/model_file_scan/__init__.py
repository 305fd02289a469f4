"""What a model file would import when it is loaded; it is read, never loaded."""
