"""Examples that the description of the API shows; tests send each of them."""

from __future__ import annotations

from typing import Any

MANIFEST: dict[str, Any] = {
    "conformity": 1,
    "system": {
        "name": "Specimen scorer",
        "version": "1.0",
        "intended_purpose": "Ranks applications for consumer loans for the credit officers of a bank.",
    },
    "provider": {
        "name": "Specimen Bank (fictitious)",
        "address": "1 Example Street, Vienna",
        "contact": "assessments@example.com",
    },
}
"""A manifest that names no file."""
