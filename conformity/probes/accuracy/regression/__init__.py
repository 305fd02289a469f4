"""How far predicted numbers lie from the labels: size of errors, bias, explained variance."""
