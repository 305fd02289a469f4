"""How a model bears inputs that are noisy, incomplete, wrongly coded, in other units or shifted."""
