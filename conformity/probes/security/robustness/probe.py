"""Disturb the inputs of the declared model and see how many of its decisions change, and for the worse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.robustness.disturb import NOISE, joint, single, standard
from conformity.probes.security.robustness.outcomes import (
    Outcome,
    accuracy_loss,
    change_rate,
    change_rates,
    group_rates,
    narrow_margins,
    noise_area,
    outcomes_of,
)
from conformity.probes.shared.estimates import gap_of, largest_of, results_of
from conformity.probes.shared.models.features import Feature, features_of
from conformity.probes.shared.models.sample import Tried, require_variety, try_model
from conformity.probes.shared.wording import group_in_words
from conformity.settings import MIN_GROUP

_BY = ("disturbance",)
_NAMED = 10
"""How many features are shown on their own."""
_MOST_FEATURES = 500
"""Up to so many features are disturbed one by one."""

_Found = tuple[str, tuple[str, ...], tuple[str, ...], Result]
"""Metric, attribute, group and result."""


class RobustnessProbe:
    """Measure how a model bears disturbed inputs."""

    def examine(self, target: Target) -> ProbeResult:
        """Return changed decisions, lost accuracy, the worst feature and group, and narrow margins.

        Raises:
            NotMeasurableError: nothing is declared, nothing may be disturbed, or the model cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read.
            MissingLibraryError: a package that the model needs is not installed.
        """
        tried = try_model(target)
        require_variety(tried)
        features = features_of(tried.sample)
        moved = [feature for feature in features if feature.mutable and feature.kind != "neither"]
        if not moved:
            raise NotMeasurableError("no feature may be changed and has more than one value")
        together = outcomes_of(tried, joint(features), target.seed)
        alone = {one.name: outcomes_of(tried, single(one), target.seed) for one in moved[:_MOST_FEATURES]}
        (common,) = outcomes_of(tried, (standard(features),), target.seed)
        found = [
            *_together(tried, together),
            *_worst(tried, alone),
            *_by_feature(tried, alone),
            *_by_group(tried, common),
            ("narrow_margin_share", (), (), narrow_margins(tried)),
            ("failed_disturbances", (), (), _failures(together, alone)),
        ]
        subject = SubjectId(target.subject.id)
        measured = tuple(
            Measurement(metric=MetricId(metric), subject=subject, by=by, group=group, result=result)
            for metric, by, group, result in sorted(found, key=lambda one: one[:3])
        )
        return ProbeResult(measured, (*tried.notes, *_notes(tried, features, alone, together, common)))


def _together(tried: Tried, outcomes: Sequence[Outcome]) -> Iterator[_Found]:
    """Yield changed decisions and lost accuracy by disturbance, and the area under noise."""
    rows = len(tried.sample.rows)
    for outcome in outcomes:
        yield "disturbed_decision_rate", _BY, (outcome.name,), change_rate(outcome, rows)
        yield "disturbed_accuracy_loss", _BY, (outcome.name,), accuracy_loss(tried, outcome)
    names = {f"noise of {level:g} standard deviations" for level in NOISE}
    noise = [outcome for outcome in outcomes if outcome.name in names]
    yield "accuracy_under_noise", (), (), noise_area(tried, noise)


def _worst(tried: Tried, alone: Mapping[str, Sequence[Outcome]]) -> Iterator[_Found]:
    """Yield, for each way of disturbing one feature, the largest share of changed decisions of any."""
    for name, outcomes in _by_name(alone).items():
        rates = change_rates(tuple(outcomes.values()), len(tried.sample.rows))
        if len(outcomes) == 1:
            yield "worst_feature_decision_rate", _BY, (name,), results_of(rates)[0]
        else:
            names = tuple((feature,) for feature in outcomes)
            yield "worst_feature_decision_rate", _BY, (name,), largest_of(rates, ("feature",), names)


def _by_feature(tried: Tried, alone: Mapping[str, Sequence[Outcome]]) -> Iterator[_Found]:
    """Yield the share of changed decisions of the features that matter most under moderate disturbance."""
    chosen = {feature: outcomes[1] for feature, outcomes in alone.items()}
    rates = change_rates(tuple(chosen.values()), len(tried.sample.rows), len(chosen))
    results = results_of(rates)
    order = sorted(range(len(results)), key=lambda k: (-float(rates.values[k]), k))[:_NAMED]
    names = tuple(chosen)
    for k in order:
        yield "feature_decision_rate", (names[k],), (), results[k]


def _by_group(tried: Tried, common: Outcome) -> Iterator[_Found]:
    """Yield the share of changed decisions by group of each protected attribute, and the largest gap."""
    for attribute, groups in tried.sample.groups.items():
        names, _ = _large(groups)
        if not names:
            reason = NotAvailable(
                why="too_few_cases", reason=f"no group has {MIN_GROUP} of the sampled rows", n=len(groups)
            )
            yield "group_decision_rate_gap", (attribute,), (), reason
            continue
        rates = group_rates(common, groups, names)
        for name, result in zip(names, results_of(rates), strict=True):
            yield "group_decision_rate", (attribute,), (name,), result
        gap = gap_of(rates, (attribute,), tuple((name,) for name in names))
        yield "group_decision_rate_gap", (attribute,), (), gap


def _large(groups: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return the groups with enough rows, sorted, and how many have too few."""
    names, counts = np.unique(np.asarray(groups, dtype=np.str_), return_counts=True)
    large = tuple(str(name) for name in names[counts >= MIN_GROUP])
    return large, len(names) - len(large)


def _failures(together: Sequence[Outcome], alone: Mapping[str, Sequence[Outcome]]) -> Count:
    """Return in how many disturbances the model failed."""
    every = [*together, *(outcome for outcomes in alone.values() for outcome in outcomes)]
    return Count(value=sum(bool(outcome.failure) for outcome in every), unit="disturbances")


def _by_name(alone: Mapping[str, Sequence[Outcome]]) -> dict[str, dict[str, Outcome]]:
    """Return the outcomes of single features by the name of the disturbance, then by feature."""
    found: dict[str, dict[str, Outcome]] = {}
    for feature, outcomes in alone.items():
        for outcome in outcomes:
            found.setdefault(outcome.name, {})[feature] = outcome
    return found


def _notes(
    tried: Tried,
    features: Sequence[Feature],
    alone: Mapping[str, Sequence[Outcome]],
    together: Sequence[Outcome],
    common: Outcome,
) -> Iterator[str]:
    """Yield what a reader must know about these numbers, what matters most first."""
    if tried.numbers:
        yield (
            f"Predictions are numbers: one counts as changed, or as wrong, when it is more than "
            f"{tried.tolerance:.4g} away."
        )
    every = [*together, *(outcome for outcomes in alone.values() for outcome in outcomes)]
    if failed := [outcome for outcome in every if outcome.failure]:
        kinds = sorted({outcome.failure for outcome in failed})
        yield (
            f"The model failed in some of {len(every)} disturbances: {_listed(kinds)}; first when there was "
            f"{failed[0].name}."
        )
    if worst := _worst_features(alone):
        yield f"One feature disturbed at a time, most decisions change for {worst}."
    for attribute, groups in tried.sample.groups.items():
        yield from _group_notes(attribute, groups, common)
    numbers = sum(feature.mutable and feature.kind == "number" for feature in features)
    categories = sum(feature.mutable and feature.kind == "category" for feature in features)
    yield (
        f"Features disturbed: numbers {numbers}, categories {categories}. Left as they are: "
        f"{_listed([feature.name for feature in features if not feature.mutable])}."
    )
    if len(alone) == _MOST_FEATURES:
        yield f"No more than the first {_MOST_FEATURES} features were disturbed one by one."


def _worst_features(alone: Mapping[str, Sequence[Outcome]]) -> str:
    """Return which features are the worst in which disturbance; empty where no decision changes."""
    found: dict[str, list[str]] = {}
    for name, outcomes in _by_name(alone).items():
        shares = {k: float(v.changed.mean()) for k, v in outcomes.items() if v.changed is not None}
        if shares and max(shares.values()) > 0:
            found.setdefault(max(shares, key=shares.__getitem__), []).append(name)
    order = sorted(found, key=lambda feature: (-len(found[feature]), feature))[:_NAMED]
    return ", ".join(f"{feature[:60]!r} ({', '.join(found[feature])})" for feature in order)


def _group_notes(attribute: str, groups: Sequence[str], common: Outcome) -> Iterator[str]:
    """Yield which group suffers most, and that some are too small to tell."""
    names, small = _large(groups)
    if small:
        yield f"By {attribute}, {small} groups with fewer than {MIN_GROUP} sampled rows are left out."
    if common.changed is not None and len(names) > 1:
        rates = group_rates(common, groups, names)
        worst = names[int(np.argmax(rates.values))]
        yield f"By {attribute}, under {common.name}, most decisions change for {group_in_words((worst,))}."


def _listed(names: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    shown = ", ".join(repr(name[:60]) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{shown}{more}" if names else "none"


PROBE = RobustnessProbe()
"""The probe."""
