"""Who calls the server, and what they may do.

``callers`` says what a route is told and asks for; ``keys`` and ``key_file`` hold API keys; ``issuers``,
``jwks`` and ``tokens`` take tokens of continuous integration; ``session`` logs browsers in; ``access`` is
all of it together; ``crossing`` keeps other sites' pages out; ``middleware`` lets requests in.
"""

from __future__ import annotations

from conformity.entry.rest.auth.access import Access, open_access
from conformity.entry.rest.auth.callers import SCOPES, Caller, Scope, caller, require

__all__ = ["SCOPES", "Access", "Caller", "Scope", "caller", "open_access", "require"]
