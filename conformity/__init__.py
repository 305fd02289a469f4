"""Write EU AI Act conformity assessments from measured evidence.

The data flows one way: manifest -> plan -> measure -> evidence -> judge -> assessment -> render.
Importing this package does no work; the stages meet only in :mod:`conformity.pipeline`.
"""

__version__ = "0.1.0"
