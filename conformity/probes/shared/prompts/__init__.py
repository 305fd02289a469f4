"""Find attacks in prompts: normalise, search by rules, ask trained detectors, combine, and say how surely."""
