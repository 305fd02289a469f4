"""Energy and carbon: which measurements go into which drawing, each with how it was obtained.

What was measured is told from what was modelled by words and by the form of the bar, not by colour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from conformity.model.base import MetricId
from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement, Obtained, Scalar
from conformity.render.charts import WIDTH, shorten
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import figure, number
from conformity.render.views.register import MOST_NOTES

_TRAINING = "training"
_PREFIXES = ("protocol", "inference", _TRAINING)
"""The whole protocol is drawn where there is one, else the short reading; else what training takes."""
_RANGES = ("energy_kwh_per_1000", "emissions_g_per_1000", "year_energy_kwh", "year_emissions_kg")
_ROW, _LEFT, _BAR = 24, 200, 260
_LEFT_OF_PARTS, _BAR_OF_PARTS = 110, 180
"""Shorter names and bars, for figure and range are printed right of the bar."""
_PLOT = (44.0, 110.0)
"""Where power over time begins on the left, and how high it is."""
_LETTERS = 38


@dataclass(frozen=True)
class Bar:
    """One row of bars, placed."""

    y: float
    """Its middle."""
    name: str
    """What it is of."""
    text: str
    """The number with its unit and how it was obtained."""
    width: float
    """How long the bar is."""
    solid: bool
    """Whether it was measured: a bar filled; else an outline in dashes."""
    low: float | None = None
    """Where the range begins; none where there is none."""
    high: float | None = None
    """Where it ends."""
    dot: float | None = None
    """Where the figure itself lies; none for bars."""


@dataclass(frozen=True)
class Mark:
    """Words at a place on an axis."""

    x: float
    """How far from the left."""
    y: float
    """How far from the top."""
    text: str
    """The words."""


@dataclass(frozen=True)
class Drawing:
    """A drawing of one kind, ready for its template."""

    kind: str
    """``bars`` or ``power``."""
    id: str
    """A name unique in the document."""
    title: str
    """What it shows."""
    description: str
    """The same in words and numbers."""
    width: int
    """Width of the drawing."""
    height: float
    """Height of the drawing."""
    left: float
    """Where bars or the line begin."""
    caption: str
    """What its forms mean."""
    evidence: tuple[Link, ...]
    """Where its numbers come from."""
    bars: tuple[Bar, ...] = ()
    """The rows of bars."""
    line: str = ""
    """Points of the line of power."""
    dashed: bool = False
    """Whether that line is modelled."""
    idle_y: float | None = None
    """How high the idle machine lies."""
    idle: str = ""
    """Its words."""
    marks: tuple[Mark, ...] = ()
    """Words on the axes."""
    notes: tuple[str, ...] = ()
    """What a reader must know about the figures, beside the first drawing of a subject."""


def drawings(context: Context) -> tuple[Drawing, ...]:
    """Return all drawings of energy, subject by subject: parts, power over time, figures with ranges."""
    made: list[Drawing] = []
    for subject in dict.fromkeys(one.subject for one in context.evidence.observations):
        found = [_of(context, subject, prefix) for prefix in _PREFIXES]
        chosen = next((one for one in found if one is not None), None)
        if chosen is not None:
            makers = (_parts, _power, _ranges)
            drawn = [
                make(context, chosen, f"energy-{len(made)}-{place}") for place, make in enumerate(makers)
            ]
            made.extend(_noted(context, chosen, [one for one in drawn if one is not None]))
    return tuple(made)


def _noted(context: Context, found: _Found, drawn: list[Drawing]) -> list[Drawing]:
    """Return the drawings of a subject, the first with what qualifies the figures of all of them."""
    told = found.observation.notes[:MOST_NOTES]
    notes = tuple(context.guarded(found.observation.subject, note) for note in told)
    return [replace(one, notes=notes if place == 0 else ()) for place, one in enumerate(drawn)]


@dataclass(frozen=True)
class _Found:
    """The figures of one subject from one observation."""

    observation: Observation
    """The observation."""
    prefix: str
    """What its metrics' names begin with."""

    def all_of(self, name: str) -> list[tuple[Measurement, Scalar]]:
        """Return the measurements of a metric that have a number and say how it was obtained."""
        # A training run is told as a whole, everything else for 1,000 predictions.
        ending = name.removesuffix("_per_1000") if self.prefix == _TRAINING else name
        metric = f"{self.prefix}_{ending}"
        return [
            (one, one.result)
            for one in self.observation.measurements
            if one.metric == metric and isinstance(one.result, Scalar) and one.result.obtained is not None
        ]


def _of(context: Context, subject: str, prefix: str) -> _Found | None:
    """Return the observation that measured a subject's energy; none where nothing did."""
    for one in context.evidence.observations:
        if one.subject == subject:
            found = _Found(one, prefix)
            if found.all_of("energy_kwh_per_1000"):
                return found
    return None


def _parts(context: Context, found: _Found, ident: str) -> Drawing | None:
    """Return energy by part of the machine; all bars share one scale."""
    words = context.words["energy"]
    parts = found.all_of("part_energy_kwh_per_1000")
    if not parts:
        return None
    rows = [(words["part_names"][one.group[0]], one, result) for one, result in parts]
    rows += [(words["part_names"]["all parts"], *one) for one in found.all_of("energy_kwh_per_1000")]
    most = max(result.value for _, _, result in rows) or 1.0
    bars = tuple(
        Bar(
            y=_ROW * place + _ROW / 2,
            name=name,
            text=_with_range(context, one),
            width=round(_BAR_OF_PARTS * max(result.value, 0.0) / most, 1),
            solid=_is_solid(result.obtained),
        )
        for place, (name, one, result) in enumerate(rows)
    )
    return _bars(context, found, ident, "parts", bars)


def _ranges(context: Context, found: _Found, ident: str) -> Drawing | None:
    """Return figures of use with their ranges; every row has its own scale, from 0 to its highest end."""
    bars: list[Bar] = []
    for name in _RANGES:
        shown = found.all_of(name)
        if not shown:
            continue
        one, result = shown[0]
        interval = result.interval
        ends = None if interval is None else (interval.low, interval.high)
        scale = max(result.value, ends[1] if ends else 0.0) or 1.0
        bars.append(
            Bar(
                y=_ROW * len(bars) + _ROW / 2,
                name=context.metric_title(one.metric),
                text=_with_range(context, one),
                width=0.0,
                solid=_is_solid(result.obtained),
                low=None if ends is None else round(_BAR * max(ends[0], 0.0) / scale, 1),
                high=None if ends is None else round(_BAR * ends[1] / scale, 1),
                dot=round(_BAR * max(result.value, 0.0) / scale, 1),
            )
        )
    return _bars(context, found, ident, "ranges", tuple(bars)) if bars else None


def _with_range(context: Context, measurement: Measurement) -> str:
    """Return a figure with its range in brackets, where it has one."""
    shown = figure(context, measurement)
    return f"{shown.value} ({shown.range})" if shown.range else shown.value


def _bars(context: Context, found: _Found, ident: str, key: str, bars: tuple[Bar, ...]) -> Drawing:
    """Return a drawing of rows of bars."""
    words = context.words["energy"]
    described = "; ".join(words["point"].format(name=bar.name, value=bar.text) for bar in bars)
    return Drawing(
        kind="bars",
        id=ident,
        title=_title(context, found, key, bars),
        description=described,
        width=WIDTH,
        height=_ROW * len(bars) + 4,
        left=_LEFT_OF_PARTS if key == "parts" else _LEFT,
        caption=words[f"caption_{key}"],
        evidence=context.evidence_links([found.observation.id]),
        bars=tuple(_named(bar) for bar in bars),
    )


def _title(context: Context, found: _Found, key: str, bars: tuple[Bar, ...]) -> str:
    """Return what rows of bars show; of training by the names of its figures, since they are not of use."""
    words, subject = context.words["energy"], context.subject_title(found.observation.subject)
    if found.prefix != _TRAINING:
        told: str = words[key].format(subject=subject)
        return told
    named = [context.metric_title(MetricId("training_part_energy_kwh"))]
    shown = named if key == "parts" else [bar.name for bar in bars]
    return str(words["point"].format(name=subject, value=", ".join(shown)))


def _named(bar: Bar) -> Bar:
    """Return a bar whose name is cut to its room."""
    return Bar(**{**vars(bar), "name": shorten(bar.name, _LETTERS)})


def _power(context: Context, found: _Found, ident: str) -> Drawing | None:
    """Return power over time, with the idle machine; only the whole protocol reads it."""
    samples = sorted(
        (float(one.group[0]), result) for one, result in found.all_of("power_w") if one.by == ("second",)
    )
    if not samples:
        return None
    idle = found.all_of("idle_power_w")
    watts = [result.value for _, result in samples]
    top = max([*watts, *(result.value for _, result in idle)]) or 1.0
    left, height = _PLOT
    span = samples[-1][0] or 1.0

    def place(watt: float) -> float:
        """Return how far from the top a power lies."""
        return round(6 + height * (1 - max(watt, 0.0) / top), 1)

    points = [f"{left + (WIDTH - left - 90) * at / span:.1f},{place(result.value)}" for at, result in samples]
    locale, words = context.locale, context.words["energy"]
    method = samples[0][1].obtained
    assert method is not None
    facts = {
        "n": locale.integer(len(samples)),
        "seconds": locale.integer(round(span)),
        "low": number(context, min(watts), "W"),
        "high": number(context, max(watts), "W"),
        "method": context.words["obtained"][method],
    }
    idle_text = figure(context, idle[0][0]).value if idle else ""
    key = "power_described" if idle else "power_without_idle"
    return Drawing(
        kind="power",
        id=ident,
        title=words["power"].format(subject=context.subject_title(found.observation.subject)),
        description=words[key].format(idle=idle_text, **facts),
        width=WIDTH,
        height=height + 28,
        left=left,
        caption=words["caption_power"],
        evidence=context.evidence_links([found.observation.id]),
        line=" ".join(points),
        dashed=not _is_solid(method),
        idle_y=place(idle[0][1].value) if idle else None,
        idle=words["idle"].format(idle=number(context, idle[0][1].value, "W")) if idle else "",
        marks=_axis(context, top, span, facts["method"]),
    )


def _axis(context: Context, top: float, span: float, method: str) -> tuple[Mark, ...]:
    """Return the words on the axes of power over time."""
    left, height = _PLOT
    seconds = context.words["energy"]["seconds"]
    return (
        Mark(0, 12, f"{number(context, top, 'W')} W"),
        Mark(0, height + 6, "0 W"),
        Mark(left, height + 20, f"0 {seconds}"),
        Mark(WIDTH - 130, height + 20, f"{context.locale.integer(round(span))} {seconds}"),
        Mark(left + 150, height + 20, method),
    )


def _is_solid(obtained: Obtained | None) -> bool:
    """Tell whether a figure was measured in all its parts; nothing else is drawn as if it were."""
    return obtained == "measured"
