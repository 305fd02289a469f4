"""Energy of the answers of a hosted language model, estimated from their tokens."""
