"""What a trained detector and the rules together make of a random sample of a log's different prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.errors import DataError
from conformity.probes.shared.prompts.detector import PromptDetector
from conformity.probes.shared.prompts.rules import search
from conformity.probes.shared.prompts.scan import judge


@dataclass(frozen=True)
class Detected:
    """What was found in the sample."""

    looked_at: int
    """Prompts that were scored."""
    attacks: int
    """Those of them that are called an attack, at the balanced profile."""
    truncated: int
    """Prompts of which the end was left out."""
    detector: str
    """What looked at them."""
    model_sha256: str
    """The digest of its model."""


def detected(sample: Sequence[str], detector: PromptDetector) -> Detected:
    """Return what is found in a sample.

    Raises:
        DataError: the detector failed on a prompt.
    """
    found = [judge(prompt, search(prompt), detector) for prompt in sample]
    return Detected(
        looked_at=len(found),
        attacks=sum(one.label == "attack" for one in found),
        truncated=sum(one.truncated for one in found),
        detector=detector.name,
        model_sha256=detector.digest,
    )


def tried(sample: Sequence[str], detector: PromptDetector | None) -> Detected | str:
    """Return what is found in a sample, or why nothing was looked for."""
    if detector is None:
        return (
            "rules only: no trained detector is installed (conformity-report[prompts]), so most attacks "
            "without tell-tale words are not seen"
        )
    try:
        return detected(sample, detector)
    except DataError as error:
        return f"rules only: {error}"
