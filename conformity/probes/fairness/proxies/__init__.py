"""Which features tell the protected attribute, and whether the gap turns round within their values."""
