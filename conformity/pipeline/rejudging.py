"""Judge the records of a pack again: whether its findings and its register follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformity import __version__
from conformity.errors import IntegrityError
from conformity.judge import judge
from conformity.judge.nonconformities import judged, register
from conformity.model.assessment import Assessment
from conformity.model.finding import Finding
from conformity.model.nonconformity import NonConformity
from conformity.pipeline.packs import Pack


def check_judged(pack: Pack) -> None:
    """Check that the findings of a pack are those to which its manifest, plan and evidence lead.

    Raises:
        IntegrityError: a finding, the lock of the bounds or the version before is not what was judged.
    """
    assessment = pack.assessment
    lock, before, named = assessment.criteria_lock, assessment.previous, assessment.manifest.edition.previous
    if lock is not None and (fault := lock.fault()):
        raise IntegrityError(f"The lock of bounds in {pack.folder} was changed: {fault}; assess again.")
    if named is not None and (before is None or before.sha256 != named):
        raise IntegrityError(
            f"{pack.folder} was not judged with the version before that its manifest names: assess again."
        )
    again = judge(
        assessment.manifest,
        assessment.plan,
        pack.evidence,
        assessment.assessed_at.date(),
        lock,
        before,
    )
    _check_same(pack, again)


def _check_same(pack: Pack, again: Sequence[Finding]) -> None:
    """Check that findings are those of a pack; of a pack of another version, sentences are not compared.

    Raises:
        IntegrityError: a finding is another one.
    """
    made_by, same_tool = pack.assessment.tool, pack.assessment.tool == f"conformity {__version__}"
    then = [_plain(one, sentences=same_tool) for one in pack.assessment.findings]
    now = [_plain(one, sentences=same_tool) for one in again]
    if then == now:
        return
    other = next((one["requirement"] for one in now if one not in then), "their order")
    raise IntegrityError(
        f"The findings in {pack.folder} are not those to which its records lead ({other}): they were "
        f"changed, or {made_by} judges otherwise than this version; assess again."
    )


def _plain(finding: Finding, *, sentences: bool) -> dict[str, Any]:
    """Return a finding as plain values, with its sentences or without."""
    plain: dict[str, Any] = finding.model_dump(mode="json")
    if not sentences:
        plain = _without_sentences(plain)
    return plain


def _without_sentences(value: Any) -> Any:
    """Return plain values without the reasons and steps, which versions word in other ways."""
    if isinstance(value, dict):
        return {k: _without_sentences(v) for k, v in value.items() if k not in ("reason", "to_do")}
    return [_without_sentences(one) for one in value] if isinstance(value, list) else value


def unregistered(assessment: Assessment) -> tuple[NonConformity, ...]:
    """Return the entries that follow from the findings, keep a declaration back, and are not in the register.

    An entry that only the provider lists may have been closed by a finding that is met.

    Args:
        assessment: with its register.
    """
    held = assessment.non_conformities or ()
    waiting = {entry.requirement for entry in held if entry.state == "open" and entry.blocks}
    closed = {entry.requirement for entry in held if entry.state == "closed"}
    found = (entry for entry in register(judged(assessment)) if entry.blocks)
    return tuple(
        entry
        for entry in found
        if entry.requirement not in waiting and not (entry.kind == "declared" and entry.requirement in closed)
    )
