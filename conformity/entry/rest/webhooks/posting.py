"""Send one message once, to an address that may be connected to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from conformity.entry.rest.outgoing import Answered, Outgoing, UnreachableError, send
from conformity.entry.rest.webhooks.addresses import Resolve, checked_addresses, is_public, look_up
from conformity.entry.rest.webhooks.configured import ReceiverFile, receiver_at
from conformity.entry.rest.webhooks.messages import body_of, headers_of
from conformity.errors import ConformityError
from conformity.model.run import Run

if TYPE_CHECKING:
    from conformity.entry.rest.webhooks.ledger import Message

NO_ANSWER: Final = 0
"""What stands for a status where none came back."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Network:
    """How the outside is reached."""

    send: Callable[[Outgoing], Answered] = send
    """Sends one request."""
    resolve: Resolve = look_up
    """Looks names up."""
    allowed: Callable[[str], bool] = is_public
    """Tells which addresses may be connected to. No setting opens it: a test hands in its own."""


def post(message: Message, run: Run, receivers: ReceiverFile, network: Network, now: datetime) -> int:
    """Send a message once, and return the status that came back; :data:`NO_ANSWER` when none did.

    Args:
        message: as it was taken from the ledger.
        run: the run that it is about, which has ended.
        receivers: who may be told now; that may have changed since the message was written down.
        network: how the outside is reached.
        now: the present.
    """
    body = body_of(run)
    try:
        address, receiver = receiver_at(message.url, receivers)
        found = checked_addresses(address.host, address.port, network.resolve, network.allowed)
        outgoing = Outgoing(
            address,
            "POST",
            headers_of(message.id, body, receiver.secrets, now),
            body,
            # One that does not answer from here is left aside the next time.
            connect_to=found[(message.attempts - 1) % len(found)],
        )
        return network.send(outgoing).status
    except ConformityError as error:
        kind = type(error).__name__ if isinstance(error, UnreachableError) else "NotAllowed"
        _logger.warning("webhook_not_sent message=%s reason=%s", message.id, kind)
        return NO_ANSWER
