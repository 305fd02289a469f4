"""What the codes of a comparison are called, in English."""

from __future__ import annotations

from collections.abc import Mapping

PAGE: Mapping[str, str | tuple[str, ...]] = {
    "description": "What changed between two versions of a conformity assessment",
    "skip": "Skip to the comparison",
    "kind": "Comparison of two versions",
    "versions": ("Fact", "Before", "After"),
    "contents": "Contents",
    "marks": "A dot is an estimate, a bar its 95\N{NO-BREAK SPACE}% interval.",
}
"""What stands on the page whatever is compared."""

VERDICTS: Mapping[str | None, str] = {
    "met": "✓ met",
    "not_met": "✖ not met",
    "undetermined": "▲ undetermined",
    "not_collected": "○ not collected",
    "not_applicable": "– not applicable",
    None: "– not in the plan",
}
"""A verdict with its shape."""

VERDICT_DIRECTIONS: Mapping[str, str] = {
    "worse": "worse",
    "set_aside": "no longer asked for",
    "better": "better",
    "other": "newly judged",
}
"""Where a change of verdict leads."""

DIRECTIONS: Mapping[str, str] = {"worse": "worse", "better": "better", "neither": "neither better nor worse"}
"""Where a change of a measure leads."""

REALITIES: Mapping[str, str] = {
    "real": "changed",
    "counted": "changed (counted, not estimated)",
    "not_after_correction": (
        "not shown: the interval leaves 0 out, but not after the correction for many comparisons"
    ),
    "not_shown": "no change is shown",
    "no_interval": "cannot tell: a number has no interval",
    "only_before": "measured in the earlier version alone",
    "only_after": "measured in the later version alone",
    "withheld": "withheld: few people would follow from it",
}
"""Whether a measure changed."""

METHODS: Mapping[str | None, str] = {
    "score": "Newcombe's score method (independent cases)",
    "intervals": "from the two intervals, squared and added (independent cases)",
    "any_dependence": "from the two intervals, margins added (holds however the cases depend)",
    "exact": "counted",
    None: "",
}
"""How the interval of a difference is made."""

CAUSES: Mapping[str, str] = {
    "criterion": "the bound changed",
    "evidence": "the evidence changed",
    "law": "the law changed",
    "classification": "the answers on classification changed",
    "sign_off": "a sign-off changed",
    "exhibit": "an exhibit changed",
    "declaration": "a declaration changed",
    "probe": "a probe has another version",
    "tool": "the tool has another version",
    "day": "only the day of the judgement is another",
}
"""Why a verdict is another one."""

BOUNDS: Mapping[str, str] = {
    "softened": "asks less",
    "removed": "is gone",
    "moved": "bounds something else",
    "added": "is new",
    "tightened": "asks more",
    "reworded": "asks the same, worded or dated otherwise",
}
"""What became of a bound."""

COVERAGES: Mapping[str, str] = {
    "covered": "covered",
    "not_covered": "not covered",
    "cannot_tell": "cannot tell",
}
"""How a change lies beside those determined in advance."""

WHYS: Mapping[str, str] = {
    "within": "every range declared for it holds in the later version, with its whole interval",
    "outside": "a measure lies outside a declared range, with its whole interval",
    "straddles": "an end of a declared range lies within an interval, or an estimate has none",
    "not_measured": "a measure with a declared range is missing in the later version",
    "no_ranges": "the declared change sets no range, so nothing shows that the performance is as foreseen",
    "not_foreseen": "no declared change speaks of it",
    "no_declaration": "the earlier version declares no change in advance",
    "not_foreseeable": "a change of purpose, role or bound is no change of the system's performance",
}
"""Why a change is covered, is not, or leaves it open."""

FOLLOWS: Mapping[str, str] = {
    "names_it": "The later version names the earlier one by its digest.",
    "later": "The later version has a later number, and does not name the earlier one by its digest.",
    "same": "Both have the same version number.",
    "earlier": "The version given second has an earlier number than the one given first.",
}
"""How the two versions stand to each other."""

CHANGES: Mapping[str, str] = {"added": "added", "removed": "removed", "changed": "changed"}
"""What happened to a thing."""

METHOD_NOTES: tuple[str, ...] = (
    "Each measure is compared with the one of the same probe, subject, columns and group. The difference is "
    "the later figure less the earlier one, taken before either is rounded for print.",
    "For two rates of cases that are taken as independent, its 95 % interval is Newcombe's (Statistics in "
    "Medicine 17, 1998, 873-890, method 10). For other estimates it is made of the two published intervals "
    "(Zou and Donner, Statistics in Medicine 27, 2008, 1693-1702).",
    "Where both figures rest on the same bytes of data, or it is not known whether they do, they depend on "
    "each other in a way that the packs do not hold. The margins are then added, which is right however they "
    "depend, and wide. So they are for energy, time and memory: both may share meter and assumptions. Where "
    "the data are other bytes, nobody checked whether the same people are in both: the cases are taken as "
    "independent.",
    "A measure is said to have changed if its p-value, corrected by Holm's method (Scandinavian Journal of "
    "Statistics 6, 1979, 65-70) for all differences that were tested, is below 0.05. That no change is shown "
    "does not mean that there is none.",
    "What either report withholds stays withheld. So does a figure of which the cases, or those counted or "
    "not counted among them, differ by fewer people than the limit: one taken off the other would tell of "
    "them. Only where whoever compares states that nobody is in the data of both is the latter left out.",
)
"""How to read the measures."""
