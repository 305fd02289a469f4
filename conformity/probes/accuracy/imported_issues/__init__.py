"""Issues of a model that Giskard's scan found."""
