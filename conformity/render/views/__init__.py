"""Views: an assessment turned into finished values, so that templates need only loops and ifs."""
