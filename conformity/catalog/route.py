"""The conformity assessment procedure that Art. 43 prescribes, with the reason."""

from __future__ import annotations

from conformity.catalog.case import Case
from conformity.catalog.dates import in_words
from conformity.catalog.load import known
from conformity.model.classification import Route


def route_of(case: Case) -> Route:
    """Return the procedure of Art. 43 for a case whose outcome is known."""
    match case.outcome:
        case "cannot_tell":
            needs = ", ".join(case.blocking)
            return Route(
                procedure="cannot_tell",
                ref="Art. 43",
                reason=f"The route depends on the classification, which needs: {needs}.",
            )
        case "high_risk_annex_i_a":
            return _sectoral(case)
        case "high_risk_annex_i_b":
            return Route(
                procedure="none",
                ref="Art. 2(2)",
                reason="For Annex I Section B the Act prescribes no assessment; the sectoral law does.",
            )
        case "high_risk_annex_iii":
            if _may_need_annex_vii(case):
                return _biometrics(case)
            refs = ", ".join(point.ref for point in case.points)
            return Route(
                procedure="annex_vi",
                ref="Art. 43(2)",
                reason=f"{refs}: internal control without a notified body, whatever standards exist.",
            )
        case _:
            return Route(
                procedure="none",
                ref="Art. 43",
                reason="Art. 43 asks for a conformity assessment of high-risk systems only.",
            )


def open_for_route(case: Case) -> tuple[str, ...]:
    """Return the questions without which the procedure of a system known to be high-risk stays open."""
    if case.outcome != "high_risk_annex_iii" or not _may_need_annex_vii(case):
        return ()
    standards = case.answers.state("harmonised_standards_applied")
    if standards == "unknown":
        return ("harmonised_standards_applied",)
    chosen = case.answers.state("notified_body_chosen")
    return ("notified_body_chosen",) if (standards, chosen) == ("yes", "unknown") else ()


def _may_need_annex_vii(case: Case) -> bool:
    """Tell whether a point of Annex III is named for which Art. 43(1) decides."""
    return any(point.conformity_route == "annex_vi_or_vii" for point in case.points)


def _sectoral(case: Case) -> Route:
    """Return the route of a product under Annex I Section A."""
    acts = "; ".join(act.act for act in case.acts if act.section == "A")
    also = (
        " This holds although the system also falls under Annex III (Art. 43(3) fourth subpara.)."
        if case.under_annex_iii == "yes"
        else ""
    )
    return Route(
        procedure="sectoral",
        ref="Art. 43(3)",
        reason=(
            f"The procedure of the sectoral act ({acts}), with Chapter III Section 2, the assessment of the "
            "quality management system (Art. 17) and Annex VII points 3, 4.3-4.5, 4.6 fifth para. and 5 "
            "folded in. A sectoral way out of third-party assessment is open only where standards or common "
            f"specifications cover all of Section 2.{also}"
        ),
    )


def _biometrics(case: Case) -> Route:
    """Return the route for Annex III point 1."""
    standards = case.answers.state("harmonised_standards_applied")
    if standards == "yes":
        return _choice(case)
    if standards == "unknown":
        return Route(
            procedure="cannot_tell",
            ref="Art. 43(1)",
            reason=(
                "Annex III point 1: the procedure depends on whether harmonised standards or common "
                "specifications were applied in full; needs an answer to "
                f"{case.answers.open_questions('harmonised_standards_applied')}. "
                f"{_no_standards()}; on these facts Annex VII with a notified body is likely."
            ),
        )
    return Route(
        procedure="annex_vii",
        ref="Art. 43(1) second subpara.",
        reason=(
            "Annex III point 1: no harmonised standards or common specifications were applied in full; hence "
            f"Annex VII with a notified body.{_body(case)}"
        ),
    )


def _no_standards() -> str:
    """Return what is known of standards cited for the Act, with its day."""
    row = known("standards_cited")
    return f"{row.what} (state of {in_words(row.as_of)})"


def _choice(case: Case) -> Route:
    """Return the route for Annex III point 1 where the provider may choose."""
    known = (
        "The provider states that standards or common specifications were applied in full. "
        f"{_no_standards()}; presumption reaches Section 2 only (Art. 40(1))."
    )
    chosen = case.answers.state("notified_body_chosen")
    if chosen == "unknown":
        asked = case.answers.open_questions("notified_body_chosen")
        reason = f"{known} The provider chooses between Annex VI and VII: needs an answer to {asked}."
        return Route(procedure="annex_vi_or_vii", ref="Art. 43(1) first subpara.", reason=reason)
    if chosen == "no":
        return Route(
            procedure="annex_vi",
            ref="Art. 43(1)(a)",
            reason=f"{known} The provider chooses internal control.",
        )
    return Route(
        procedure="annex_vii",
        ref="Art. 43(1)(b)",
        reason=f"{known} The provider chooses a notified body.{_body(case)}",
    )


def _body(case: Case) -> str:
    """Return who acts as the notified body under Annex VII, as a sentence."""
    match case.answers.state("biometrics_for_authorities"):
        case "yes":
            return " The market surveillance authority acts as the notified body (Art. 43(1) third subpara.)."
        case "no":
            return " Any notified body may be chosen."
        case _:
            asked = case.answers.open_questions("biometrics_for_authorities")
            return f" Who acts as the notified body depends on {asked}, which is not answered."
