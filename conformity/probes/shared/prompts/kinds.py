"""The kinds of attack, with their names in the catalogues that others use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of attack."""

    id: str
    """Its name in rules and measurements."""
    owasp: str
    """Its entry in the OWASP Top 10 for LLM Applications 2025."""
    atlas: str
    """Its technique in MITRE ATLAS."""
    explanation: str
    """What such a text tries, in words."""


_ALL = (
    Kind(
        "data_exfiltration",
        "LLM02",
        "AML.T0057",
        "asks for secrets or other people's data, or sends them out",
    ),
    Kind(
        "delimiter_injection",
        "LLM01",
        "AML.T0051.000",
        "counterfeits the marks between the parts of a prompt",
    ),
    Kind(
        "indirect_injection",
        "LLM01",
        "AML.T0051.001",
        "addresses the model from material that is only to be read",
    ),
    Kind("instruction_override", "LLM01", "AML.T0051.000", "sets aside what the operator has laid down"),
    Kind("obfuscation", "LLM01", "AML.T0068", "hides what is meant from a reader or a filter"),
    Kind("persona_jailbreak", "LLM01", "AML.T0054", "makes the model play somebody without limits"),
    Kind("prompt_extraction", "LLM07", "AML.T0056", "asks for the operator's own instructions"),
)

KINDS = {kind.id: kind for kind in _ALL}
"""All kinds by name, in order.

Source:
    OWASP Top 10 for LLM Applications 2025; MITRE ATLAS, techniques AML.T0051 (prompt injection, .000
    direct and .001 indirect), AML.T0054 (jailbreak), AML.T0056 (extract system prompt), AML.T0057 (data
    leakage), AML.T0068 (prompt obfuscation).
"""
