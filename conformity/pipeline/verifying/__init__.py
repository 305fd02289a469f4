"""Verify a pack, an archive, a lone PDF, a declaration, a set of documents or a redacted copy, offline."""

from conformity.pipeline.verifying.run import verify
from conformity.pipeline.verifying.standalone import hand_out

__all__ = ["hand_out", "verify"]
