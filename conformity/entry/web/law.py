"""The catalogue of requirements: a list with filters, and a page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.web.forms import Choice
from conformity.entry.web.pages import Link, page
from conformity.entry.web.views import Fact
from conformity.entry.web.words import counted, english, said, words
from conformity.errors import NotFoundError, UsageError
from conformity.model.requirement import Requirement
from conformity.pipeline.knowing import explain_requirement, list_requirements

_LONGEST: Final = 100


@dataclass(frozen=True)
class Filter:
    """A choice by which the list is made shorter."""

    name: str
    """What it is called in an address."""
    label: str
    """What it is called on the page."""
    choices: tuple[Choice, ...]
    """What can be chosen; all of it first."""


@dataclass(frozen=True)
class LawRow:
    """A requirement in the list, ready to print."""

    href: str
    """Its page."""
    ref: str
    """Its citation."""
    title: str
    """Its name."""
    remark: str
    """That it was deleted or only allows something; or empty."""
    binds: str
    """Whom it binds."""
    since: str
    """From when it applies."""
    automation: str
    """What a tool can do."""


@dataclass(frozen=True)
class Part:
    """A list on the page of a requirement."""

    title: str
    """What it is."""
    entries: tuple[str, ...]
    """Its entries."""


@dataclass(frozen=True)
class LawView:
    """A requirement, ready to print."""

    ref: str
    """Its citation."""
    title: str
    """Its name."""
    obligation: str
    """What it asks."""
    note: str
    """What a reader must know, or empty."""
    facts: tuple[Fact, ...]
    """Whom it binds, from when, under which conditions."""
    lists: tuple[Part, ...]
    """What speaks to it, and what to hand in."""


_FIELDS: Final[dict[str, Callable[[Requirement], tuple[str, ...]]]] = {
    "article": lambda row: (row.article,),
    "addressee": lambda row: row.addressees,
    "automation": lambda row: (row.automation,),
    "domain": lambda row: row.domains,
}
"""By what the list can be filtered."""


def catalogue(request: Request) -> Response:
    """Answer with the requirements that fit the filters."""
    asked = {name: request.query_params.get(name, "")[:_LONGEST] for name in ("q", *_FIELDS)}
    every = list_requirements()
    found = [row for row in every if _fits(row, asked)]
    title = words()["requirements"]["title"]
    return page(
        request,
        "requirements",
        title,
        q=asked["q"],
        filters=tuple(_filter(name, asked[name], every) for name in _FIELDS),
        rows=tuple(map(_row, found)),
        shown=counted("requirements.shown", len(found), all=len(every)),
        trail=(Link("/", words()["nav"]["home"]), Link("", title)),
    )


def requirement(request: Request) -> Response:
    """Answer with one requirement.

    Raises:
        NotFoundError: there is none of this id.
    """
    try:
        row = explain_requirement(request.path_params["requirement"])
    except UsageError as error:
        raise NotFoundError(error.message) from error
    title = f"{row.ref} {row.title}"
    trail = (Link("/requirements", words()["requirements"]["title"]), Link("", row.ref))
    return page(request, "requirement", title, row=_view(row), trail=trail)


def _fits(row: Requirement, asked: dict[str, str]) -> bool:
    """Tell whether a requirement holds all words that were asked for, and what was chosen."""
    text = f"{row.id} {row.ref} {row.title} {row.obligation}".casefold()
    chosen = all(not asked[name] or asked[name] in of(row) for name, of in _FIELDS.items())
    return chosen and all(word in text for word in asked["q"].casefold().split())


def _filter(name: str, chosen: str, rows: Iterable[Requirement]) -> Filter:
    """Return a filter with everything that occurs, in the order of the law or by name."""
    told = words()["requirements"]
    found = dict.fromkeys(value for row in rows for value in _FIELDS[name](row))
    values = sorted(found) if name == "domain" else list(found)
    choices = tuple(Choice(value, _word(name, value), value == chosen) for value in values)
    return Filter(name, told[name], (Choice("", told["every"], not chosen), *choices))


def _word(name: str, value: str) -> str:
    """Return what can be chosen in a filter in words."""
    told = words()["requirements"]
    known: dict[str, str] = {"automation": told["automations"], "addressee": told["addressees"]}.get(name, {})
    return known.get(value, value.replace("-", " "))


def _row(row: Requirement) -> LawRow:
    """Return a requirement for the list."""
    told = words()["requirements"]
    remark = told["deleted"] if row.status == "deleted" else told["permits"] if row.permits else ""
    return LawRow(
        href=f"/requirements/{row.id}",
        ref=row.ref,
        title=row.title,
        remark=f"({remark})" if remark else "",
        binds=_binds(row),
        since="; ".join(dict.fromkeys(english().day(one.on) for one in row.applies_from)) or "–",
        automation=told["automations"][row.automation],
    )


def _binds(row: Requirement) -> str:
    """Return whom a requirement binds."""
    return ", ".join(_word("addressee", one) for one in row.addressees)


def _view(row: Requirement) -> LawView:
    """Return a requirement for its page."""
    told = words()["requirements"]
    since = "; ".join(_since(row)) or told["no_date"]
    facts = [
        Fact(told["id"], row.id, mono=True),
        Fact(told["binds"], _binds(row)),
        Fact(told["from"], since),
        Fact(told["automation"], told["automations"][row.automation]),
        Fact(told["conditions"], ", ".join(one.replace("_", " ") for one in row.conditions)),
        Fact(told["probes"], ", ".join(row.probes), mono=True),
        Fact(told["status"], told[row.status]),
        Fact(told["superseded"], ", ".join(row.superseded_by), mono=True),
        Fact(told["domain"], ", ".join(_word("domain", one) for one in row.domains)),
    ]
    evidence = tuple(told[f"need_{need.kind}"].format(item=need.item) for need in row.evidence)
    lists = (Part(told["evidence"], evidence), Part(told["hand_in"], row.hand_in))
    return LawView(
        ref=row.ref,
        title=row.title,
        obligation=row.obligation,
        note=row.note or "",
        facts=tuple(fact for fact in facts if fact.value),
        lists=tuple(part for part in lists if part.entries),
    )


def _since(row: Requirement) -> Iterable[str]:
    """Yield from when a requirement applies, and to which systems."""
    regimes = words()["requirements"]["regimes"]
    for one in row.applies_from:
        day = said("requirements.since", day=english().day(one.on), regime=regimes[one.regime])
        yield f"{day}: {one.note}" if one.note else day
