"""Energy of a training run: the declared program, run again and again in the worker."""
