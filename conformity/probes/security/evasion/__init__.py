"""How little must change in a case for the model to decide otherwise, when somebody looks for it."""
