"""Does the model reveal whom it was trained on?"""
