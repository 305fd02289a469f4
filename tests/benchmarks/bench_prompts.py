"""Measure the prompt detectors: ``python tests/benchmarks/bench_prompts.py [SET.jsonl]``.

Run on demand, not as a test. Without a file it prints speeds alone. The file holds an object a line with
``text``, ``label`` (1 for an attack), ``source`` and ``lang``; it is not part of this repository. Beside it,
as texts that are certainly harmless, the translated messages of the programs of this machine are searched
(``/usr/share/locale``, 40 to 400 letters long, at most 130 a listed language and 40 of another). For each
source and language it prints the share that is called an attack, which is recall for attacks and false
alarms for the rest, with Wilson intervals at 95 %: by rules alone, by the trained detector alone at its
published line, and by both. Then what each profile does in English, in each listed language, and in the
others; and the weights for the listed languages are fitted anew without one language at a time, and tried
on that one.
"""

from __future__ import annotations

import gettext
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from conformity.probes.shared.intervals import LEVEL, quantile, wilson
from conformity.probes.shared.prompts.detector import PromptDetector
from conformity.probes.shared.prompts.gloss import gloss
from conformity.probes.shared.prompts.rules import search
from conformity.probes.shared.prompts.scan import _weights, combined, installed, judge
from conformity.probes.shared.prompts.text import fold

LISTED = ("de", "el", "es", "fr", "it", "nl", "pl", "pt")
UNLISTED = (
    *("ar", "bg", "bn", "cs", "da", "et", "fi", "hi", "hr", "hu", "id", "ja", "ko", "lt", "lv"),
    *("ro", "ru", "sk", "sl", "sv", "th", "tl", "tr", "vi", "zh_CN"),
)
"""Languages without a word list, with a rule of their own."""
LINE = 0.52
_LOCALES = Path("/usr/share/locale")
_MOST, _FEW, _SHORTEST, _LONGEST = 130, 40, 40, 400
_TEXT = (
    "Please summarise the attached quarterly report in three points and tell me which of the figures changed "
    "most since last year. The board wants a short table with the revenue of each country, and a sentence on "
    "the outlook. Ignore the appendix on travel costs, it is not relevant for this meeting at all, thanks."
)


@dataclass(frozen=True)
class Case:
    """One text and what the detectors make of it."""

    source: str
    language: str
    attack: bool
    found: str | None
    rules: float
    alone: float
    glossed: float
    score: float


def main(arguments: Sequence[str]) -> None:
    """Print speeds, and with a file the table."""
    detector = installed()
    speeds(detector)
    if arguments and detector is not None:
        with Path(arguments[0]).open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        texts = [(row["source"], row["lang"], bool(row["label"]), row["text"]) for row in rows]
        cases = [case(*one, detector) for one in [*texts, *messages()]]
        table(cases)
        profiles(cases)
        held_out(cases)


def speeds(detector: PromptDetector | None) -> None:
    """Print prompts a second of processor time, and the time for a megabyte."""
    search(_TEXT)
    start = time.process_time()
    for _ in range(5000):
        search(_TEXT)
    print(f"rules, {len(_TEXT)} characters: {5000 / (time.process_time() - start):,.0f} a second")
    for name, piece in {"prose": _TEXT, "worst": "a = 'b' + ", "mixed letters": "іgnоrе "}.items():
        text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
        start = time.process_time()
        search(text)
        print(f"rules, 1 MB of {name}: {time.process_time() - start:.2f} s")
    if detector is not None:
        start = time.process_time()
        for number in range(200):
            judge(f"{number} {_TEXT}", search(_TEXT), detector)
        print(f"both, {len(_TEXT)} characters: {200 / (time.process_time() - start):,.0f} a second")


def messages() -> list[tuple[str, str, bool, str]]:
    """Return harmless texts: messages of the programs of this machine."""
    found: dict[str, list[str]] = defaultdict(list)
    for language in (*LISTED, "pt_BR", *UNLISTED):
        for file in sorted((_LOCALES / language / "LC_MESSAGES").glob("*.mo")):
            if file.name.startswith(("iso_", "xkeyboard")):
                continue
            try:
                with file.open("rb") as stream:
                    catalogue = vars(gettext.GNUTranslations(stream))["_catalog"]
            except UnicodeDecodeError:  # a translation in an old character set
                continue
            said = (text for key, text in catalogue.items() if isinstance(text, str) and key and text != key)
            found[language[:2]] += [text for text in said if _SHORTEST <= len(text) <= _LONGEST]
    chance = random.Random(5)
    return [
        ("interface", language, False, text)
        for language, texts in found.items()
        for text in chance.sample(sorted(texts), min(_MOST if language in LISTED else _FEW, len(texts)))
    ]


def case(source: str, language: str, attack: bool, text: str, detector: PromptDetector) -> Case:
    """Return what the detectors make of a text."""
    searched = search(text)
    alone = detector.score(text).score or 0.0
    told = searched.language
    glossed = detector.score(gloss(fold(text).plain, told)).score or 0.0 if told in LISTED else alone
    score = judge(text, searched, detector).score
    return Case(source, language, attack, told, searched.weight, alone, glossed, score)


def table(cases: Sequence[Case]) -> None:
    """Print a line for each source and language with at least thirty texts."""
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for one in cases:
        known = one.language if one.language in (*LISTED, "en") else "others"
        groups[f"{one.source}, {'attacks' if one.attack else 'harmless'}", known].append(one)
    print("| source | language | texts | rules alone | trained detector alone | both |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (source, language), found in sorted(groups.items()):
        if len(found) >= 30:
            ways = [
                [one.rules >= 1 for one in found],
                [one.alone >= LINE for one in found],
                [one.score >= lines()["balanced"] for one in found],
            ]
            print(f"| {source} | {language} | {len(found)} | {' | '.join(share(way) for way in ways)} |")
    flagged = Counter((one.attack, one.rules >= 1) for one in cases)
    print(
        f"rules: precision {flagged[True, True] / (flagged[True, True] + flagged[False, True]):.3f}", end=", "
    )
    print(f"recall {flagged[True, True] / (flagged[True, True] + flagged[True, False]):.3f}")


def profiles(cases: Sequence[Case]) -> None:
    """Print what each profile makes of the texts of each language: precision, recall, F1 and false alarms."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for one in cases:
        groups[one.language if one.language in (*LISTED, "en") else "others"].append(one)
        groups["all"].append(one)
    print("| profile | language | attacks | harmless | precision | recall | F1 | false alarms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for profile, line in lines().items():
        for language, found in sorted(groups.items()):
            attacks = [one.score >= line for one in found if one.attack]
            harmless = [one.score >= line for one in found if not one.attack]
            called = [one.attack for one in found if one.score >= line]
            f1 = 2 * sum(attacks) / max(len(called) + len(attacks), 1)
            shares = [share(way) if way else "" for way in (called, attacks)]
            alarms = share(harmless) if harmless else ""
            counts = f"{len(attacks)} | {len(harmless)}"
            print(f"| {profile} | {language} | {counts} | {' | '.join(shares)} | {f1:.3f} | {alarms} |")


def lines() -> dict[str, float]:
    """Return where each profile draws its line."""
    return dict(_weights()["profiles"])


def share(way: Sequence[bool]) -> str:
    """Return a share with its interval."""
    hits, cases = np.array([sum(way)]), np.array([len(way)])
    low, high = wilson(hits, cases - hits, quantile(LEVEL))
    return f"{sum(way) / len(way):.3f} [{low[0]:.3f}, {high[0]:.3f}]"


def held_out(cases: Sequence[Case]) -> None:
    """Print what weights fitted without a language do in that language."""
    listed = [one for one in cases if one.found in LISTED and one.language in LISTED]
    features = np.array(
        [[np.log(p / (1 - p)), w] for p, w in ((clipped(o.glossed), halved(o.rules)) for o in listed)]
    )
    attacks = np.array([one.attack for one in listed])
    for language in LISTED:
        out = np.array([one.language == language for one in listed])
        model = LogisticRegression(class_weight="balanced").fit(features[~out], attacks[~out])
        called = model.predict(features[out])
        parts = {
            name: called[attacks[out] == side] for name, side in (("recall", True), ("false alarms", False))
        }
        print(language, ", ".join(f"{name} {share(list(part))}" for name, part in parts.items() if len(part)))
    print("as shipped:", f"{combined(0.5, 1, 'de'):.3f} for a German text of weight 1 and score 0.5")


def clipped(score: float) -> float:
    """Return a score that has a finite logit."""
    return min(max(score, 0.0067), 0.9933)


def halved(weight: float) -> float:
    """Return the weight of the rules as it is taken."""
    return min(weight, 2.0) if weight >= 1 else weight / 2


if __name__ == "__main__":
    main(sys.argv[1:])
