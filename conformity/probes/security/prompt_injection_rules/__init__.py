"""How many prompts of a log match rules for attacks on a language model."""
