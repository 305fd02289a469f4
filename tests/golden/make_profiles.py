"""Write the golden profiles: ``python -m tests.golden.make_profiles``; review the difference."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from conformity.catalog.profiles import Profile, profiles, requirements_of

FOLDER = Path(__file__).with_name("profiles")
"""Where they lie, one file a profile."""

AS_OF = date(2026, 11, 22)
"""The day whose law they are made for."""


def golden(kind: Profile) -> str:
    """Return which requirements a profile has, each with the day from which it binds, as JSON."""
    found = requirements_of(kind, AS_OF)
    classified = found.classification
    content = {
        "profile": kind.id,
        "role": kind.role,
        "as_of": AS_OF.isoformat(),
        "outcome": classified.outcome,
        "procedure": classified.route.procedure,
        "high_risk_from": str(classified.high_risk_from) if classified.high_risk_from else None,
        "requirements": {
            one.requirement.id: str(one.duty_from) if one.duty_from else None
            for one in found.requirements
            if one.applies == "yes"
        },
        "open": [one.requirement.id for one in found.requirements if one.applies == "unknown"],
    }
    return json.dumps(content, indent=1) + "\n"


def main() -> None:
    """Write all files, and remove those of profiles that are no more."""
    FOLDER.mkdir(exist_ok=True)
    names = {f"{kind.id}.json": golden(kind) for kind in profiles()}
    for file in FOLDER.glob("*.json"):
        if file.name not in names:
            file.unlink()
    for name, text in names.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
