"""The Python entry: ``conformity.assess`` for notebooks and scripts; results show themselves as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformity.model.summary import AssessmentSummary

if TYPE_CHECKING:
    import pandas as pd

    from conformity.model.assessment import Assessment
    from conformity.model.base import Depth
    from conformity.model.evidence import Evidence

_HEIGHT = 640
"""Height of a report in a notebook, in CSS pixels."""

_MANIFESTS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, repr=False)
class Report:
    """An assessment, ready to look at: the last value of a notebook's cell shows the whole report."""

    summary: AssessmentSummary
    """In short: counts of verdicts and open points."""
    assessment: Assessment
    """All findings."""
    evidence: Evidence
    """All observations."""
    html: str
    """The report, one document that needs nothing from outside."""

    def __repr__(self) -> str:
        """Return the counts of verdicts on one line."""
        counts = ", ".join(f"{n} {v.replace('_', ' ')}" for v, n in self.summary.counts.model_dump().items())
        return f"<conformity report on {self.summary.system}: {counts}>"

    def _repr_html_(self) -> str:
        """Return the report in a frame of its own, in which no script runs."""
        return (
            f'<iframe sandbox="" title="{html.escape(repr(self), quote=True)}" '
            f'style="width:100%;height:{_HEIGHT}px;border:1px solid #D0D5DD" '
            f'srcdoc="{html.escape(self.html, quote=True)}"></iframe>'
        )

    def measurements(self) -> pd.DataFrame:
        """Return every measurement as a row: metric, by, group, value, low, high, n, unit, why.

        Exact and complete, small groups included: treat it as confidential.
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "probe": observation.probe,
                    "metric": one.metric,
                    "subject": one.subject,
                    "by": " × ".join(one.by),
                    "group": " · ".join(one.group),
                    **_fields(one.result),
                }
                for observation in self.evidence.observations
                for one in observation.measurements
            ],
            columns=_COLUMNS,
        )


_COLUMNS = ["probe", "metric", "subject", "by", "group", "value", "low", "high", "n", "unit", "why"]


def _fields(result: Any) -> dict[str, Any]:
    """Return a result as the fields of a row; what a kind of result does not have is None."""
    interval = getattr(result, "interval", None)
    return {
        "value": getattr(result, "value", None),
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "n": getattr(result, "n", None),
        "unit": getattr(result, "unit", None),
        "why": getattr(result, "reason", None),
    }


def assess(
    data: Any,
    output: str | Path | None = None,
    *,
    title: str | None = None,
    label: str | None = None,
    prediction: str | None = None,
    protected: Sequence[str] = (),
    quasi_identifiers: Sequence[str] = (),
    positive: Sequence[Any] = (),
    negative: Sequence[Any] = (),
    formats: Sequence[str] = ("html",),
    depth: Depth | None = None,
) -> Report:
    """Measure a system or a table and lay every requirement of the AI Act beside the evidence.

    >>> conformity.assess("conformity.yaml", "reports/1.0.0", formats=("html", "pdf"))  # doctest: +SKIP
    >>> conformity.assess(frame, label="y", prediction="y_hat", protected=["sex"],
    ...                   positive=[1], negative=[0])  # doctest: +SKIP

    Args:
        data: a manifest (``.yaml``, ``.yml``, ``.json``), the path of a data file, or a pandas, Polars or
            PyArrow frame. Without a manifest there are no criteria, answers and sign-offs, so that nothing
            can be met.
        output: the folder in which the pack is to appear; nothing is kept when not given.
        title: what a table is called in the report.
        label: column with the true outcome.
        prediction: column with the system's outcome.
        protected: columns that form groups.
        quasi_identifiers: columns that together may single out a person.
        positive: values of both outcomes that are favourable.
        negative: values that are not.
        formats: documents to make beside JSON: ``html``, ``pdf``.
        depth: ``standard`` or ``full``, which measures what takes longer too; as set when not given.

    Raises:
        ConformityError: something handed in is unusable; nothing was written.
    """
    from conformity.entry.clock import now
    from conformity.pipeline import tables
    from conformity.pipeline.scanning import Columns
    from conformity.settings import load_settings

    moment = now()
    common: dict[str, Any] = {
        "formats": tuple(formats),
        "moment": moment,
        "as_of": moment.date(),
        "settings": load_settings(depth=depth),
        "on_progress": lambda _what, _done, _total: None,
    }
    folder = Path(output) if output is not None else None
    if isinstance(data, str | Path) and Path(data).suffix.lower() in _MANIFESTS:
        done = tables.assess_file(Path(data), folder, **common)
    else:
        columns = Columns(
            label=label,
            prediction=prediction,
            protected=tuple(protected),
            quasi_identifiers=tuple(quasi_identifiers),
            positive=tuple(positive),
            negative=tuple(negative),
        )
        done = tables.assess_table(data, columns, title or _title(data), folder, **common)
    return Report(done.summary, done.assessment, done.evidence, done.html)


def _title(data: Any) -> str:
    """Return what data are called when nobody says: the file's name, or the frame's type."""
    return Path(data).name if isinstance(data, str | Path) else f"{type(data).__name__} in memory"


__all__ = ["Report", "assess"]
