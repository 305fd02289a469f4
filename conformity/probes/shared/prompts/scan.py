"""Look at one prompt with rules and, where one is installed, a trained detector, and say how surely."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from conformity.errors import DataError
from conformity.probes.shared.prompts.defender import Defender
from conformity.probes.shared.prompts.detector import PromptDetector
from conformity.probes.shared.prompts.gloss import gloss
from conformity.probes.shared.prompts.rules import RuleHit, Searched, search
from conformity.probes.shared.prompts.text import fold
from conformity.probes.shared.prompts.words import LANGUAGES, words

Profile = Literal["strict", "balanced", "quiet"]
"""How much it takes until a text is called an attack: little, some, or much."""
Label = Literal["attack", "no attack found"]
"""The outcome; a text is never called safe."""

RULES_ONLY = "rules only"
"""What stands for the detectors where no trained one is installed."""
VALIDATED = ("en", "de", "es", "fr", "it", "pt")
"""Languages in which both recall and false alarms were measured; see docs/performance.md."""

_FILE = Path(__file__).with_name("weights.toml")
_MOST = 5.0
_EXCERPT, _SHOWN = 400, 20
_WORD = re.compile(r"[^\W_]+")
_SHORT = 300
"""Most characters of a short text."""
_HIDDEN = 0.95
"""The least score of a text that hides what the rules call an attack."""


@dataclass(frozen=True)
class PromptFinding:
    """What is known about one prompt, without its words."""

    score: float
    """From 0 to 1; the higher, the more like an attack."""
    label: Label
    """Whether it is called an attack."""
    hits: tuple[RuleHit, ...]
    """Where rules match."""
    language: str | None
    """The language of the text; None if not known."""
    confidence: Literal["validated", "low"]
    """Whether the detectors were validated for this language, and all of the text was seen."""
    detectors: str
    """What looked at it."""
    model_sha256: str | None
    """The digest of the trained model; None for rules only."""
    truncated: bool
    """Whether the trained detector left out the end of the text."""


def scan_prompt(
    text: str, profile: Profile = "balanced", language: str | None = None, *, trained: bool = True
) -> PromptFinding:
    """Return whether a prompt or document looks like an attack on a language model.

    Args:
        text: what is given to the model.
        profile: how much it takes until it is called an attack.
        language: of the text, as an ISO 639-1 code; told from its words if not given.
        trained: whether a trained detector is asked where one is installed.
    """
    return judge(text, search(text), installed() if trained else None, profile, language)


def judge(
    text: str,
    searched: Searched,
    detector: PromptDetector | None,
    profile: Profile = "balanced",
    language: str | None = None,
) -> PromptFinding:
    """Return the finding on a text that the rules have searched.

    Args:
        text: the text.
        searched: what the rules made of it.
        detector: a trained detector; None for rules only.
        profile: how much it takes until it is called an attack.
        language: as in :func:`scan_prompt`.
    """
    spoken = language or searched.language
    score, truncated = min(searched.weight, 1.0), False
    attack = searched.flagged
    if detector is not None:
        found = detector.score(_for_detector(text, spoken))
        truncated = found.truncated
        if found.score is not None:
            score = combined(found.score, searched.weight, spoken, short=len(text) <= _SHORT)
            attack = score >= _weights()["profiles"][profile]
    if searched.flagged and any(hit.hidden for hit in searched.hits):
        # A trained detector sees the disguise, not what is under it.
        score, attack = max(score, _HIDDEN), True
    return PromptFinding(
        score=score,
        label="attack" if attack else "no attack found",
        hits=searched.hits,
        language=spoken,
        confidence="validated" if spoken in VALIDATED and not truncated else "low",
        detectors=f"rules and {detector.name}" if detector else RULES_ONLY,
        model_sha256=detector.digest if detector else None,
        truncated=truncated,
    )


def combined(detector: float, rules: float, language: str | None, *, short: bool = False) -> float:
    """Return one score from a trained detector's score and the weight of the rules.

    Args:
        detector: in [0, 1].
        rules: the summed weight, at least 0.
        language: of the text; None if not known.
        short: whether the text is short, so that its words hardly stand together by chance.
    """
    known = "english" if language == "en" else "listed" if language in LANGUAGES else "other"
    weights = _weights()[known]
    sure = min(max(detector, 1e-9), 1 - 1e-9)
    logit = max(-_MOST, min(_MOST, math.log(sure / (1 - sure))))
    if known == "other":
        # A detector that has not learnt a language finds nothing in it: its no says nothing.
        logit = max(logit, 0.0)
    agreed = min(rules, 2.0) if rules >= 1 else rules / 2
    total = (
        weights["intercept"] + weights["detector"] * logit + weights["short" if short else "rules"] * agreed
    )
    return 1 / (1 + math.exp(-total))


def _for_detector(text: str, language: str | None) -> str:
    """Return the text as a detector trained on English sees it best."""
    if language is None or language == "en" or language not in LANGUAGES:
        return text
    return gloss(fold(text).plain, language)


@cache
def _weights() -> Mapping[str, Mapping[str, float]]:
    """Return the weights by class of language, and the profiles' lines."""
    return cast("Mapping[str, Mapping[str, float]]", tomllib.loads(_FILE.read_text("utf-8")))


@cache
def installed() -> PromptDetector | None:
    """Return the trained detector that is installed; None if there is none that loads."""
    try:
        return Defender()
    except DataError:
        return None


def digest(text: str) -> str:
    """Return a text's digest, the same for texts that fold to the same."""
    plain = " ".join(fold(text).plain.split())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def redacted(text: str, hit: RuleHit) -> str:
    """Return what a hit says as the meanings of its words; words without one are dots."""
    names = {bit: name.replace("_", " ") for name, bit in words().meanings.items()}
    shown: list[str] = []
    for word in _WORD.findall(fold(text[hit.start : hit.end][:_EXCERPT]).plain):
        bits = [sense.meanings for sense in words()[word] if sense.meanings]
        # The lowest bit stands for a word of several meanings.
        said = f"[{names[bits[0] & -bits[0]]}]" if bits else "…"
        if said != "…" or shown[-1:] != ["…"]:
            shown.append(said)
    return " ".join(shown[:_SHOWN])
