"""Energy of predictions by the whole protocol: long repeats, the idle machine, power over time."""
