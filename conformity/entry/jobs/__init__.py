"""Runs that outlive the request that asked for them, and the worker that they are on.

``interface`` says what every surface may ask, ``choose`` opens the engine for the settings at hand.
"""
