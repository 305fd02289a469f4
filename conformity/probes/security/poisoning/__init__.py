"""How much wrong labels in the training data change what a model learns."""
