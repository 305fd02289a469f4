"""Does the decision reveal a protected attribute?"""
