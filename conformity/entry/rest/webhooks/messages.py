"""What a receiver is told, and how it can tell that it was us.

Source:
    Standard Webhooks specification 1.0, "Webhook headers" and "Signature scheme".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from conformity.entry.rest.webhooks.configured import secret_bytes
from conformity.model.base import canonical_json
from conformity.model.run import Run


def message_id(run_id: str, url: str) -> str:
    """Return the id of the message about a run to an address: the same however often it is sent."""
    return "msg_" + hashlib.sha256(f"{run_id}\n{url}".encode()).hexdigest()[:32]


def body_of(run: Run) -> bytes:
    """Return what is told of a run that has ended: that it has, and nothing of what was found.

    Whoever is told asks for the rest with a key of their own.
    """
    return canonical_json(
        {
            "type": f"run.{run.status}",
            "timestamp": run.changed_at.isoformat(),
            "data": {
                "run": run.id,
                "kind": run.request.kind,
                "status": run.status,
                "asked_at": run.asked_at.isoformat(),
                "ended_at": run.changed_at.isoformat(),
            },
        }
    )


def headers_of(name: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """Return the headers of a message, with one signature for each secret.

    Args:
        name: id of the message.
        body: what is sent, byte for byte.
        secrets: shared with the receiver.
        now: when it is sent; receivers refuse what is too old.
    """
    moment = str(int(now.timestamp()))
    signed = f"{name}.{moment}.".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "conformity",
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    """Return a signature with its version in front."""
    mac = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()
