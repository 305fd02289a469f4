"""Whose tokens are taken, and of which projects: the file that says so.

A job of continuous integration is given a signed token by the platform that runs it. The file lists the
platforms (issuers) and, for each, the claims that a token must have, word for word: nothing matches by
pattern, and a claim that a token does not have never matches.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from conformity.entry.rest.auth.callers import Scope
from conformity.entry.rest.configured import read_configured
from conformity.entry.rest.outgoing import address_of
from conformity.errors import UsageError
from conformity.model.base import Value

Kind = Literal["github", "gitlab", "generic"]
"""Which platform issues the tokens."""

IDENTITY: Final[dict[Kind, str]] = {"github": "repository", "gitlab": "project_path", "generic": "sub"}
"""The claim that names the project; each rule must fix it, and the owner of runs is named after it."""

_Claim = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Project = r"^[A-Za-z0-9._:/@-]{1,160}$"


class Issuer(Value):
    """A platform whose tokens are taken."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    """How owners of runs begin, as in ``github:organisation/repository``; unique in the file."""
    kind: Kind
    """Which platform it is."""
    issuer: Annotated[str, StringConstraints(min_length=9, max_length=500)]
    """The claim ``iss``: an HTTPS address, where the keys are found unless ``keys`` says otherwise."""
    audience: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """The claim ``aud``: this server, and nobody else."""
    keys: Path | None = None
    """File with the platform's public keys (a JSON Web Key Set); beside the configuration if relative."""
    scopes: tuple[Scope, ...] = ("assess",)
    """What its callers may do."""
    allow: Annotated[tuple[dict[str, _Claim], ...], Field(min_length=1, max_length=1000)]
    """Rules: a token is taken when all claims of one of them are as written."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Check the address, and that each rule fixes the project.

        Raises:
            ValueError: one does not.
        """
        import re

        try:
            address_of(self.issuer)
        except UsageError:
            raise ValueError(
                "issuer must be an address such as https://host without user and password"
            ) from None
        claim = IDENTITY[self.kind]
        for rule in self.allow:
            if not re.fullmatch(_Project, rule.get(claim, "")):
                raise ValueError(f"each rule under allow must name {claim}, in letters, digits and ._:/@-")
        return self

    def owner_of(self, claims: dict[str, object]) -> str | None:
        """Return the owner of the runs that a token's job asks for; None when no rule lets it in.

        Args:
            claims: the claims of a token whose signature has been checked.
        """
        for rule in self.allow:
            if all(claims.get(name) == value for name, value in rule.items()):
                return f"{self.name}:{rule[IDENTITY[self.kind]]}"
        return None


class IssuerFile(Value):
    """All platforms whose tokens are taken."""

    version: Literal[1] = 1
    """The form of the file."""
    issuers: Annotated[tuple[Issuer, ...], Field(min_length=1, max_length=20)]
    """The platforms."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        """Check that no name and no issuer is there twice.

        Raises:
            ValueError: one is.
        """
        for what in ({one.name for one in self.issuers}, {one.issuer for one in self.issuers}):
            if len(what) < len(self.issuers):
                raise ValueError("two issuers have the same name or address; each must be there once")
        return self


def read_issuers(file: Path) -> tuple[Issuer, ...]:
    """Return the platforms in a file of YAML or JSON; paths of keys are made absolute.

    Raises:
        PathError: it is not there or cannot be read.
        InputError: it is not such a file; the message names the field.
    """
    found = read_configured(file, IssuerFile)
    return tuple(
        one.model_copy(update={"keys": file.absolute().parent / one.keys}) if one.keys else one
        for one in found.issuers
    )
