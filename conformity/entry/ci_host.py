"""What a code host takes from a step of a pipeline besides files: annotations, a summary, outputs.

Source:
    GitHub documentation, "Workflow commands for GitHub Actions": messages, stop-commands, GITHUB_OUTPUT and
    GITHUB_STEP_SUMMARY.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.plain import plain
from conformity.errors import BusyError, PathError

if TYPE_CHECKING:
    from conformity.pipeline.gating import Gated


_AUDIENCE = "conformity"
_OWN_TOKEN = ("CONFORMITY_TOKEN", "CONFORMITY_ID_TOKEN")
_PATIENCE_S = 30.0
_MOST_BYTES = 65_536


@dataclass(frozen=True)
class Host:
    """Where a pipeline runs."""

    repository: Path
    """The root of the repository."""
    commands: bool = False
    """Whether standard output is read for workflow commands."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where to append the ``summary`` and the ``output`` of a step, as far as the host wants them."""

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Keep the host from taking what is printed meanwhile for commands; texts of others are among it."""
        if not self.commands:
            yield
            return
        token = secrets.token_hex(16)
        click.echo(f"::stop-commands::{token}")
        try:
            yield
        finally:
            click.echo(f"::{token}::")

    def annotate(self, commands: Sequence[str]) -> None:
        """Print workflow commands where the host reads them."""
        if self.commands:
            for line in commands:
                click.echo(line)

    def publish(self, made: Gated) -> None:
        """Append the summary and the outputs of the step, where the host wants them.

        Raises:
            PathError: one of the host's files cannot be written.
        """
        folder = Path(made.outcome.folder)
        outputs = {
            "gate": str(made.outcome.gate),
            "publish": str(folder),
            **({"pack": made.outcome.pack} if made.outcome.pack else {}),
            "assessment-sha256": made.outcome.assessment_sha256,
            **{name.replace("_", "-"): str(n) for name, n in made.outcome.counts.model_dump().items()},
        }
        told = "".join(f"{name}={plain(value)}\n" for name, value in outputs.items())
        texts = {"output": told, "summary": (folder / "comment.md").read_text("utf-8")}
        for name, place in self.files.items():
            try:
                with place.open("a", encoding="utf-8") as file:
                    file.write(texts[name])
            except OSError as error:
                raise PathError(
                    f"The step's {name}, {place}, cannot be written ({error.strerror})."
                ) from error


def token_of(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return what proves to a server who this pipeline is; None where there is nothing.

    A key or a token in ``CONFORMITY_TOKEN``, or GitLab's in ``CONFORMITY_ID_TOKEN``; else the token that
    GitHub issues to a job with the permission ``id-token: write``.

    Args:
        environment: variables; those of this process when not given.

    Raises:
        BusyError: GitHub gave no token.

    Source:
        GitHub documentation, "OpenID Connect reference", section "Methods for requesting the OIDC token".
    """
    for name in _OWN_TOKEN:
        if environment.get(name):
            return environment[name]
    url, proof = (environment.get(f"ACTIONS_ID_TOKEN_REQUEST_{name}") for name in ("URL", "TOKEN"))
    return _issued(url, proof) if url and proof else None


def _issued(url: str, proof: str) -> str:
    """Return the token that GitHub issues to this job.

    Raises:
        BusyError: it gave none.
    """
    import http.client
    import json
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = made(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    try:
        target = f"{parts.path}?{parts.query}&audience={_AUDIENCE}"
        connection.request("GET", target, headers={"Authorization": f"Bearer {proof}"})
        return str(json.loads(connection.getresponse().read(_MOST_BYTES))["value"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise BusyError("GitHub gave no token for the server; run the job again.") from error
    finally:
        connection.close()


def host_of(environment: Mapping[str, str] = os.environ) -> Host:
    """Return the host that the variables of a pipeline tell of.

    Args:
        environment: variables; those of this process when not given.
    """
    given = environment.get("GITHUB_WORKSPACE") or environment.get("CI_PROJECT_DIR")
    repository = Path(given) if given else Path.cwd()
    if environment.get("GITHUB_ACTIONS") != "true":
        return Host(repository)
    names = {"summary": "GITHUB_STEP_SUMMARY", "output": "GITHUB_OUTPUT"}
    files = {name: Path(environment[one]) for name, one in names.items() if environment.get(one)}
    return Host(repository, commands=True, files=files)
