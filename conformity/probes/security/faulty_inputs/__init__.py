"""What a model does with inputs that cannot be right, and whether it answers the same question alike."""
