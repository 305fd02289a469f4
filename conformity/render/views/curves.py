"""Scores and classes as figures: calibration, distribution of scores, and sizes of classes of equal rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement, Scalar
from conformity.render.charts import scale_end, scale_ticks
from conformity.render.frames import Column, Frame, FrameChart, Spot, frame_chart
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import figure, interval_of, is_withheld

_OBSERVED = "calibration_observed_rate"
_MEAN = "calibration_mean_score"

_CLASSES = (("unique_share", "1"), ("share_below_5", "< 5"), ("share_below_11", "< 11"))
"""Shares of rows in small classes, with the size of the class."""

_ABREAST = 2
_MOST_TABLES = 3


@dataclass(frozen=True)
class Curves:
    """A figure with the observations that it shows."""

    chart: FrameChart
    """The drawing."""
    caption: str
    """How to read it."""
    evidence: tuple[Link, ...]
    """Where its numbers come from."""


def curves(context: Context) -> tuple[Curves, ...]:
    """Return the figures of scores, one for each table that has them, and the figure of classes."""
    scored = [one for one in context.evidence.observations if _of(one, _OBSERVED)]
    made = [_scores(context, one, number) for number, one in enumerate(scored)]
    classed = [one for one in context.evidence.observations if len(_shares(context, one)) == len(_CLASSES)]
    if classed:
        made.append(_classes(context, classed[:_MOST_TABLES]))
    return tuple(made)


def _of(observation: Observation, metric: str) -> list[Measurement]:
    """Return the measurements of one metric."""
    return [one for one in observation.measurements if one.metric == metric]


def _scores(context: Context, observation: Observation, number: int) -> Curves:
    """Return calibration and distribution of the scores of one table."""
    words = context.words["curves"]
    observed = sorted(
        _of(observation, _OBSERVED), key=lambda one: context.group_order(one.subject, one.by, one.group)
    )
    means = {one.group: one for one in _of(observation, _MEAN)}
    frames = (_calibration(context, observed, means), _distribution(context, observed))
    title = words["scores"].format(subject=context.subject_title(observation.subject))
    return Curves(
        frame_chart(f"scores-{number}", title, _told(context, frames), frames, _ABREAST),
        words["scores_caption"],
        context.evidence_links([observation.id]),
    )


def _calibration(
    context: Context, observed: Sequence[Measurement], means: dict[tuple[str, ...], Measurement]
) -> Frame:
    """Return the observed rate of each bin of scores against its mean score."""
    pairs = ((one, means.get(one.group)) for one in observed)
    spots = tuple(_spot(context, one, mean) for one, mean in pairs if mean and _is_point(context, one, mean))
    marks = tuple((tick, context.locale.bound(tick)) for tick in scale_ticks(1.0))
    words = context.words["curves"]
    return Frame(words["calibration"], words["mean_score"], marks, marks, spots, diagonal=True)


def _is_point(context: Context, one: Measurement, mean: Measurement) -> bool:
    """Tell whether both numbers of a bin may be shown."""
    return _is_shown(context, one) and _is_shown(context, mean)


def _spot(context: Context, one: Measurement, mean: Measurement) -> Spot:
    """Return a bin as a point: its mean score, and what came true with its interval."""
    rate, score = _scalar(one), _scalar(mean)
    tip = context.words["curves"]["calibration_tip"].format(
        bin=" · ".join(one.group), score=figure(context, mean).value, rate=_with_interval(context, one)
    )
    interval = interval_of(context, one)
    low, high = (interval.low, interval.high) if interval else (None, None)
    return Spot(score.value, rate.value, low, high, tip)


def _scalar(one: Measurement) -> Scalar:
    """Return the estimate of a measurement that has one."""
    assert isinstance(one.result, Scalar)
    return one.result


def _distribution(context: Context, observed: Sequence[Measurement]) -> Frame:
    """Return the share of cases in each bin of scores; a bin whose cases are not printed is an outline."""
    words, locale = context.words["curves"], context.locale
    cases = [_cases(context, one) for one in observed]
    total = sum(n for n in cases if n is not None)
    shares = [None if n is None else n / max(total, 1) for n in cases]
    end = scale_end([share for share in shares if share is not None])
    columns = tuple(
        Column(
            None if share is None else share / end,
            words["distribution_tip"].format(
                bin=" · ".join(one.group),
                value=context.words["common"]["withheld"] if share is None else locale.fixed(share, 3),
            ),
        )
        for one, share in zip(observed, shares, strict=True)
    )
    edges = tuple(
        (i / len(observed), one.group[0].split(" ")[0]) for i, one in enumerate(observed) if one.group
    )
    marks = tuple((tick / end, locale.bound(tick)) for tick in scale_ticks(end))
    return Frame(words["distribution"], words["score"], edges, marks, columns=columns)


def _cases(context: Context, one: Measurement) -> int | None:
    """Return the number of cases of a bin when the tables print it exactly, else None."""
    n = one.result.n if isinstance(one.result, Scalar) else 0
    return n if _is_shown(context, one) and figure(context, one).n == context.locale.integer(n) else None


def _is_shown(context: Context, one: Measurement) -> bool:
    """Tell whether there is a number to show."""
    return isinstance(one.result, Scalar) and not is_withheld(context, one)


def _with_interval(context: Context, one: Measurement) -> str:
    """Return a number with its interval."""
    shown = figure(context, one)
    return f"{shown.value} ({shown.range})" if shown.range else shown.value


def _shares(context: Context, observation: Observation) -> list[tuple[str, Measurement]]:
    """Return the shares of rows in small classes that may be shown, smallest class first."""
    found = {str(one.metric): one for one in observation.measurements if not one.by}
    named = [(size, found[name]) for name, size in _CLASSES if name in found]
    return [(size, one) for size, one in named if _is_shown(context, one)]


def _classes(context: Context, observations: Sequence[Observation]) -> Curves:
    """Return how the share of rows grows with the size of their class, one frame for each table."""
    words, locale = context.words["curves"], context.locale
    found = {one.id: _shares(context, one) for one in observations}
    end = scale_end(
        [
            one.result.value
            for several in found.values()
            for _, one in several
            if isinstance(one.result, Scalar)
        ]
    )
    frames = []
    for observation in observations:
        spots = [
            Spot(
                (place + 0.5) / len(_CLASSES),
                one.result.value / end,
                None,
                None,
                words["classes_tip"].format(size=size, value=figure(context, one).value),
            )
            for place, (size, one) in enumerate(found[observation.id])
            if isinstance(one.result, Scalar)
        ]
        marks = tuple(((place + 0.5) / len(_CLASSES), size) for place, (_, size) in enumerate(_CLASSES))
        ticks = tuple((tick / end, locale.bound(tick)) for tick in scale_ticks(end))
        title = context.subject_title(observation.subject)
        frames.append(Frame(title, words["class_size"], marks, ticks, tuple(spots), joined=True))
    abreast = max(_ABREAST, len(frames))
    return Curves(
        frame_chart("classes-0", words["classes"], _told(context, frames), frames, abreast),
        words["classes_caption"],
        context.evidence_links([one.id for one in observations]),
    )


def _told(context: Context, frames: Sequence[Frame]) -> str:
    """Return the numbers of a figure in words."""
    words = context.words["curves"]
    return " ".join(
        words["told"].format(
            title=one.title,
            points="; ".join([*(spot.tip for spot in one.spots), *(column.tip for column in one.columns)]),
        )
        for one in frames
    )
