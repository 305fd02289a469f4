"""How well scores rank cases and how close they come to shares: AUC, Brier score, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Sums, Tally
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.calibration import (
    bias_of,
    brier_of,
    ece_of,
    in_bins,
    mean_score_of,
)
from conformity.probes.shared.cells import BLANK, NEGATIVE, POSITIVE, STRANGE
from conformity.probes.shared.estimates import results_of
from conformity.probes.shared.many_groups import many_note, telling
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.ranking import auc_of, bin_error
from conformity.probes.shared.rates import LABEL
from conformity.probes.shared.scores import (
    ScoreGroups,
    coarse_notes,
    group_tallies,
    read_groups,
    read_scores,
    require_scores,
    score_notes,
    score_tally,
)
from conformity.probes.shared.trials import Trials, rate_results

_OBSERVED = replace(LABEL, name="observed rate", cases="rows with score and label")
_COARSE = 0.005


class ScoresProbe:
    """Holds scores against labels, for everybody and for each group of each attribute."""

    def tallies(self, table: TableSubject) -> tuple[Sums, ...]:
        """Return scores by label and bin: of all rows, then by each protected attribute.

        Raises:
            NotMeasurableError: no score or no label of two outcomes is bound, or both are one column.
        """
        require_scores(table)
        return (score_tally(table), *group_tallies(table))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the measurements for the whole table, for each group and for each calibration bin.

        Raises:
            NotMeasurableError: there are no rows, or scores lie outside their range.
        """
        self.tallies(table)
        partitions = (read_scores(table, tallies[0]), *read_groups(table, tallies[1:]))
        everybody = partitions[0]
        found = [
            Measurement(metric=MetricId(metric), subject=table.id, by=by, group=name, result=result)
            for by, metric, name, result in (*_measured(partitions), *_calibration(everybody))
        ]
        notes = [*score_notes(everybody), *_notes(everybody), *coarse_notes(partitions)]
        many = (many_note(groups.by, len(groups.names)) for groups in partitions)
        notes += [*(note for note in many if note), *declared_notes(table)]
        return ProbeResult(in_order(found), tuple(notes))


_Found = tuple[tuple[str, ...], str, tuple[str, ...], Result]


def _measured(partitions: Sequence[ScoreGroups]) -> Iterator[_Found]:
    """Yield columns, metric, group and result for every group."""
    for groups in partitions:
        for metric, estimate in (
            ("auc", auc_of(groups)),
            ("mean_score", mean_score_of(groups)),
            ("brier_score", brier_of(groups)),
            ("expected_calibration_error", ece_of(groups)),
            ("calibration_in_the_large", bias_of(groups)),
        ):
            results = results_of(estimate)
            for place in telling(results):
                yield groups.by, metric, groups.names[place], results[place]


def _calibration(everybody: ScoreGroups) -> Iterator[_Found]:
    """Yield the mean score and the observed rate of each calibration bin that has rows."""
    if not everybody.are_probabilities:
        return
    bins = in_bins(everybody)
    some = [position for position, n in enumerate(bins.cases.tolist()) if n]
    rows = bins.rows.sum(axis=2)
    seen = Trials(
        successes=rows[:, POSITIVE],
        failures=rows[:, NEGATIVE],
        more_successes=rows[:, BLANK],
        more_failures=rows[:, BLANK],
        strange=rows[:, STRANGE],
    )
    observed, means = rate_results(_OBSERVED, seen), results_of(mean_score_of(bins))
    for position in some:
        yield bins.by, "calibration_observed_rate", bins.names[position], observed[position]
        yield bins.by, "calibration_mean_score", bins.names[position], means[position]


def _notes(everybody: ScoreGroups) -> Iterator[str]:
    """Yield what may be wrong with the scores as a whole."""
    found = results_of(auc_of(everybody))[0]
    if isinstance(found, Scalar) and found.interval is not None and found.interval.high < 0.5:
        yield (
            "Unfavourable cases score higher than favourable ones. The score must rise with the favourable "
            "outcome: check `positive` and `negative` of the label, or which outcome the score is for."
        )
    if isinstance(found, Scalar) and found.value == 1:
        yield (
            "Every favourable case scores above every unfavourable one. Check that the score is not made "
            "from the label."
        )
    error = float(bin_error(everybody)[0])
    if error > _COARSE:
        yield (
            f"Scores crowd into few of the bins: those of one bin cannot be ranked, which leaves the AUC "
            f"open by {error:.3f} to either side. The interval allows for it."
        )


PROBE = ScoresProbe()
"""The probe that `probe.yaml` beside this file describes."""
