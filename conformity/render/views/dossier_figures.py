"""Measurements that a document names, as tables of what may be shown of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.document import Cell, Measured, MeasuredRow, Row, Table
from conformity.model.measurement import Measurement
from conformity.render.views.context import Context
from conformity.render.views.figures import Figure, bound_words, figure, where
from conformity.render.views.verdicts import ICONS

_MOST_COLUMNS = 4
"""Metrics beside each other in a table of groups."""

_Place = tuple[tuple[str, ...], tuple[str, ...]]
_Pair = tuple[MeasuredRow, Measurement | None]


def measured_tables(block: Measured, context: Context) -> Iterator[Table]:
    """Yield measurements as tables, one for each subject, groups as rows where all are of groups."""
    pairs = [(row, _find(row, context)) for row in block.rows]
    found: dict[str, list[_Pair]] = {}
    for pair in pairs:
        found.setdefault(_subject(pair, context), []).append(pair)
    for subject, members in found.items():
        title = f"{block.title}: {subject}" if block.title and subject else block.title or subject or None
        if _is_grid(members):
            yield from _grids(members, title, context)
        else:
            yield _listed(members, title, context)


def _subject(pair: _Pair, context: Context) -> str:
    """Return the name of the subject that a measurement is about; empty when it is not known."""
    row, found = pair
    observation = context.observations.get(row.evidence)
    if found is None and observation is None:
        return ""
    return context.subject_title(found.subject if found else observation.subject)  # type: ignore[union-attr] # one of both is there


def _is_grid(pairs: Sequence[_Pair]) -> bool:
    """Tell whether measurements are of groups, without bounds, by more than one metric or of many groups."""
    return all(row.group and not row.criterion and found for row, found in pairs)


def _grids(pairs: Sequence[_Pair], title: str | None, context: Context) -> Iterator[Table]:
    """Yield tables with a row for each group and a column for each metric."""
    found = {(row.metric, row.by, row.group): one for row, one in pairs}
    names = list(dict.fromkeys((row.metric, row.evidence) for row, _ in pairs))
    places = list(dict.fromkeys((row.by, row.group) for row, _ in pairs))
    first = {(row.by, row.group): one for row, one in reversed(pairs)}
    ordered = sorted(places, key=lambda place: (place[0], _order(first[place], place, context)))
    for start in range(0, len(names), _MOST_COLUMNS):
        some = names[start : start + _MOST_COLUMNS]
        yield Table(
            title=title,
            columns=(
                _word("groups", context),
                *(f"{context.metric_title(metric)} {evidence}" for metric, evidence in some),
            ),
            widths=(22, *([78 // len(some)] * (len(some) - 1))),
            rows=tuple(
                Row(
                    cells=(
                        _copied(_place(first[place], context)),
                        *(_copied(_in_short(found.get((metric, *place)), context)) for metric, _ in some),
                    )
                )
                for place in ordered
            ),
        )


def _order(one: Measurement | None, place: _Place, context: Context) -> tuple[object, ...]:
    """Return what a group is ordered by."""
    return context.group_order(one.subject if one else "", *place)


def _place(one: Measurement | None, context: Context) -> str:
    """Return the name of a group."""
    return where(context, one) if one else ""


def _in_short(one: Measurement | None, context: Context) -> str:
    """Return a figure with interval and cases for a table of groups."""
    if one is None:
        return ""
    shown = figure(context, one)
    text = _text(shown)
    cases = context.words["annex"]["cases"].format(n=shown.n)
    return f"{text}, {cases}" if shown.n and not shown.why else text


def _text(shown: Figure) -> str:
    """Return a figure with its interval, or with why there is none."""
    if shown.why:
        return f"{shown.value} ({shown.why})"
    return f"{shown.value} ({shown.range})" if shown.range else shown.value


def _listed(pairs: Sequence[_Pair], title: str | None, context: Context) -> Table:
    """Return measurements of one subject, one a row."""
    bounded = any(row.criterion for row, _ in pairs)
    placed = any(row.by for row, _ in pairs)
    heads = ["metric", *(["of"] if placed else []), "figure", "cases"]
    heads += [*(["bound", "verdict"] if bounded else []), "evidence"]
    widths = {"metric": 19, "of": 17, "figure": 18, "cases": 8, "bound": 10, "verdict": 13}
    return Table(
        title=title,
        columns=tuple(_word(head, context) for head in heads),
        widths=tuple(widths[head] for head in heads[:-1]),
        rows=tuple(_row(row, found, heads, context) for row, found in pairs),
    )


def _row(row: MeasuredRow, found: Measurement | None, heads: Sequence[str], context: Context) -> Row:
    """Return one measurement as a row with the cells that the heads ask for."""
    shown = figure(context, found) if found else None
    cells = {
        "metric": Cell(text=context.metric_title(row.metric)),
        "of": _copied(_place(found, context)),
        "figure": _copied(_text(shown)) if shown else Cell(text=context.words["common"]["no_number"]),
        "cases": _copied(shown.n if shown else ""),
        "bound": _bound(row, context),
        "verdict": _verdict(row, context),
        "evidence": Cell(text=row.evidence, origin="record"),
    }
    return Row(cells=tuple(cells[head] for head in heads))


def _find(row: MeasuredRow, context: Context) -> Measurement | None:
    """Return the measurement that a row names; None when the evidence does not hold it."""
    observation = context.observations.get(row.evidence)
    for one in observation.measurements if observation else ():
        if (one.metric, one.by, one.group) == (row.metric, row.by, row.group):
            return one
    return None


def _bound(row: MeasuredRow, context: Context) -> Cell:
    """Return the bound of a measurement, as it was fixed."""
    criterion = context.criteria.get(row.criterion) if row.criterion else None
    return _copied(bound_words(context, criterion) if criterion else "")


def _verdict(row: MeasuredRow, context: Context) -> Cell:
    """Return on which side of its bound a measurement lies, with its mark."""
    if row.verdict is None:
        return Cell()
    return _copied(f"{ICONS[row.verdict]} {context.words['verdict'][row.verdict]}")


def _copied(text: str) -> Cell:
    """Return a text that is made in the language of the page already."""
    return Cell(text=text, origin="provider")


def _word(key: str, context: Context) -> str:
    """Return the head of a column."""
    return str(context.words["dossier"]["measured"][key])
