"""What applies beside the outcome: transparency, models, coming bans, old systems, roles, registers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conformity.catalog.case import Case
from conformity.catalog.dates import in_words, marking_start, model_start
from conformity.catalog.load import milestone, roles
from conformity.catalog.procedure import ART_50, future_ban

_REGISTERS = {
    "eu_database_public": "in the public section of the EU database (Art. 49(1), Art. 71)",
    "eu_database_secure_section": "in the secure section of the EU database (Art. 49(4))",
    "eu_database_secure_section_if_law_enforcement": (
        "in the EU database; in its secure section for law enforcement, migration, asylum and border control "
        "(Art. 49(1), (4))"
    ),
    "national_level": "at national level (Art. 49(5))",
}


def remarks_on(case: Case) -> tuple[str, ...]:
    """Return what a reader must know beside the outcome, in the order of importance."""
    if case.outcome == "out_of_scope":
        return ()
    return (
        *_coming_ban(case),
        *_preparation(case),
        *_annex_iii(case),
        *_legacy(case),
        *_transparency(case),
        *_models(case),
        *_role(case),
    )


def _coming_ban(case: Case) -> Iterator[str]:
    """Yield which practice named will be prohibited."""
    sentence = future_ban(case.answers, case.as_of)
    if sentence is not None and case.outcome != "gpai_model_only":
        yield sentence


def _preparation(case: Case) -> Iterator[str]:
    """Yield from when the duties bind, while they do not yet, and when two paths to high-risk meet."""
    start = case.start
    if start.on is None or start.why is not None:
        return
    if case.as_of < start.on:
        yield _high_risk_later(start.on)
    if case.outcome != "high_risk_annex_i_a":
        return
    if case.under_annex_iii == "yes":
        yield "The system is high-risk under Annex III as well; the earlier date of Art. 113(c)(i) is used."
    elif case.annex_iii is not None and case.annex_iii.open:
        yield (
            "Whether the system is high-risk under Annex III as well is open and needs an answer to "
            f"{case.answers.open_questions(*case.annex_iii.open)}; until then the earlier date of "
            "Art. 113(c)(i) is used."
        )


def _high_risk_later(start: date) -> str:
    """Return which duties are still to come, and which of the Act bind already."""
    names = ("prohibitions", "general_application", "amendment")
    literacy, general, amended = (in_words(milestone(name).on) for name in names)
    return (
        f"The duties for high-risk systems (Art. 8-27) bind from {in_words(start)} (Art. 113(c)); until then "
        f"this is preparation. Chapter III Section 5 and Art. 72-73 are formally applicable since "
        f"{general} (Art. 113), without object until Art. 6 applies. Art. 4(1) binds already: since "
        f"{literacy}, in the wording of {amended}."
    )


def _annex_iii(case: Case) -> Iterator[str]:
    """Yield where the system is registered and that some uses need a law that permits them."""
    if case.under_annex_iii != "yes" or case.high_risk != "yes":
        return
    for place in dict.fromkeys(point.registration for point in case.points):
        refs = ", ".join(point.ref for point in case.points if point.registration == place)
        yield f"{refs}: registered {_REGISTERS[place]}."
    if any(point.number in ("1", "6", "7") for point in case.points):
        yield "Annex III points 1, 6 and 7 count only in so far as Union or national law permits the use."


def _legacy(case: Case) -> Iterator[str]:
    """Yield the rules for systems that were on the market before the duties began (Art. 111)."""
    placed = case.manifest.system.placed_on_market_on
    if case.start.why is not None:
        yield case.start.why
    marking = marking_start(placed)
    if _art_50_applies(case) and case.answers.state("synthetic_content") == "yes" and marking is not None:
        yield str(marking.why)


def _art_50_applies(case: Case) -> bool:
    """Tell whether Art. 50 can bind; Art. 2(2) exempts Annex I Section B, and a model is no system."""
    return case.outcome not in ("high_risk_annex_i_b", "gpai_model_only")


def _transparency(case: Case) -> Iterator[str]:
    """Yield the cases of Art. 50 that apply."""
    if not _art_50_applies(case):
        return
    for name in ART_50:
        if case.answers.state(name) == "yes":
            yield case.answers.asked[name].on_yes


def _models(case: Case) -> Iterator[str]:
    """Yield the duties on general-purpose AI models."""
    if case.answers.state("gpai_model") != "yes":
        return
    placed = case.manifest.system.placed_on_market_on
    old = model_start(placed)
    since = in_words(milestone("gpai_models").on)
    if old is None or placed is None:
        yield f"General-purpose AI model: Art. 53 applies since {since}."
    if old is not None:
        yield str(old.why)
    if case.answers.state("systemic_risk") == "yes":
        yield "General-purpose AI model with systemic risk: Art. 52 and 55 apply as well."


def _role(case: Case) -> Iterator[str]:
    """Yield what the role means for the rows of the catalogue."""
    row = next(row for row in roles() if row.role == case.manifest.role)
    if row.note is not None:
        yield row.note
    if case.answers.state("role_change") == "yes":
        yield (
            "Art. 25(1): in this role one is the provider now."
            if row.can_become_provider
            else "Art. 25(1): another is the provider now; the first provider must cooperate (Art. 25(2))."
        )
