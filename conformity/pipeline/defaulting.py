"""Propose criteria from a named set of defaults, as text for a manifest."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from conformity.catalog.default_criteria import DefaultSet, Proposed, default_set, default_sets, proposed
from conformity.errors import ManifestError
from conformity.model.manifest import PLACEHOLDER
from conformity.pipeline.shared import load_manifest
from conformity.probes.registry import probe_specs
from conformity.settings import Settings


def list_defaults() -> tuple[DefaultSet, ...]:
    """Return all named sets of default bounds."""
    return default_sets()


def propose_criteria(manifest: Path, name: str | None, moment: datetime, settings: Settings) -> str:
    """Return criteria in YAML, from a set of defaults, for the subjects that a manifest declares.

    Every bound is marked with its set, says that it is not law, and lacks an owner until a person fills one
    in; until then it settles nothing.

    Args:
        manifest: the manifest's file.
        name: the set; the latest when not given.
        moment: the present, in UTC: nobody can have fixed the bounds earlier.
        settings: limits.

    Raises:
        ManifestError: nothing declared there can be held against a bound of the set.
        UsageError: there is no such set.
    """
    chosen = default_set(name)
    loaded = load_manifest(manifest, settings)
    found = proposed(loaded.manifest, chosen, probe_specs())
    if not found:
        raise ManifestError(
            f"{loaded.source.name}: the set {chosen.id} has no bound on what is declared here; declare "
            "subjects and the roles of their columns first"
        )
    head = [f"# {chosen.title}, {chosen.id}. {chosen.statement}", "criteria:"]
    return "\n".join([*head, *(_item(one, chosen, moment) for one in found)]) + "\n"


def _item(one: Proposed, chosen: DefaultSet, moment: datetime) -> str:
    """Return one criterion in YAML; texts in quotes, so that nothing in a name is taken for YAML."""
    bound = one.bound
    fields: dict[str, object] = {
        "id": one.id,
        "metric": bound.metric,
        "subject": one.subject,
        "by": list(one.by),
        "at_least": bound.at_least,
        "at_most": bound.at_most,
        "requirements": list(bound.requirements),
        "reason": f"{bound.reason} Source: {bound.source}. Not law.",
        "owner": f"{PLACEHOLDER} with the function or person who takes this bound over",
        "fixed_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "default_set": chosen.id,
    }
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in fields.items()
        if value not in (None, [])
    ]
    return "  - " + "\n    ".join(lines)
