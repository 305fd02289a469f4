"""Tell others that a run has ended, by a signed request to an address that the run was given.

``configured`` says who may be told; ``addresses`` keeps requests from going to private networks;
``messages`` says what is sent, signed; ``ledger`` remembers what is still to be sent; ``posting`` sends it
once, and ``sending`` until it is taken.
"""

from __future__ import annotations

from conformity.entry.rest.webhooks.sending import Webhooks, open_webhooks

__all__ = ["Webhooks", "open_webhooks"]
