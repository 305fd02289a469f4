"""How well scores rank cases and how close they come to shares: AUC, Brier score, calibration."""
