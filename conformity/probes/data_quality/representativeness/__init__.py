"""How a table is spread over groups beside the population it stands for."""
