"""``conformity api-keys``: make, list and revoke the keys that callers of the server show."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from conformity.entry.clock import present
from conformity.entry.options import PATH, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_plain
from conformity.errors import UsageError

if TYPE_CHECKING:
    from conformity.entry.rest.auth.callers import Scope
    from conformity.entry.rest.auth.keys import ApiKey

_SCOPES = ("assess", "paths", "archive", "metrics")
_FILE = click.option(
    "--file", "file", type=PATH, help="The file of keys; CONFORMITY_API_KEYS when not given."
)


@click.group(
    "api-keys",
    short_help="Make, list and revoke keys of callers of the server.",
    epilog=examples(
        "conformity api-keys new nightly-build --file keys.json",
        "conformity api-keys list --file keys.json",
    ),
)
def api_keys() -> None:
    """Make, list and revoke the keys that callers of ``conformity serve`` show.

    A key is shown once, when it is made; what is kept is its SHA-256. A server that runs takes notice of
    changes at once.
    """


@api_keys.command(
    "new",
    short_help="Make a key.",
    epilog=examples(
        "conformity api-keys new nightly-build --file keys.json",
        "conformity api-keys new prometheus --scope metrics --days 365",
    ),
)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("assess",),
    show_default=True,
    type=click.Choice(_SCOPES),
    help="What it allows: to upload, run and scan; to name files of the server; to read the archive; to "
    "read the metrics. May be given several times.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="For how many days it is valid; for ever if not.")
@_FILE
@json_option
def new(name: str, scopes: tuple[str, ...], days: int | None, file: Path | None, as_json: bool) -> None:
    """Make a key for NAME and print it, this once. All keys of a name see the same runs."""
    from pydantic import ValidationError

    from conformity.entry.rest.auth.key_file import change_keys
    from conformity.entry.rest.auth.keys import KeyFile, new_key

    moment = present()
    try:
        made = new_key(
            name,
            cast("tuple[Scope, ...]", tuple(one for one in _SCOPES if one in scopes)),
            moment,
            moment + timedelta(days=days) if days else None,
        )
    except ValidationError as error:
        raise UsageError(
            f"{name!r} cannot be the name of a key; write letters, digits, dots, dashes, underscores or @, "
            "at most 100, and not `local`."
        ) from error
    change_keys(_file(file), lambda there: KeyFile(keys=(*there.keys, made.kept)))
    if as_json:
        print_plain({**made.kept.model_dump(mode="json"), "key": made.key})
        return
    click.echo(
        f"Key {made.kept.id} of {plain(name)}. It is shown this once; keep it where secrets are kept:",
        err=True,
    )
    click.echo(made.key)


@api_keys.command("list", short_help="List the keys.")
@_FILE
@json_option
def listed(file: Path | None, as_json: bool) -> None:
    """List all keys that were made, without the keys themselves."""
    from conformity.entry.rest.auth.key_file import read_keys

    keys = read_keys(_file(file)).keys
    if as_json:
        print_plain([key.model_dump(mode="json", exclude={"sha256"}) for key in keys])
        return
    moment = present()
    for key in keys:
        click.echo(f"{key.id}  {_standing(key, moment):<20}  {key.name:<24}  {' '.join(key.scopes)}")


@api_keys.command("revoke", short_help="Revoke a key.")
@click.argument("which", metavar="ID|NAME")
@_FILE
@json_option
def revoke(which: str, file: Path | None, as_json: bool) -> None:
    """Revoke the key with the id ID, or all keys of NAME. That cannot be taken back."""
    from conformity.entry.rest.auth.key_file import change_keys, read_keys, revoked

    place = _file(file)
    moment = present()
    change_keys(place, lambda there: revoked(there, which, moment))
    gone = [key for key in read_keys(place).keys if which in (key.id, key.name)]
    if as_json:
        print_plain([key.model_dump(mode="json", exclude={"sha256"}) for key in gone])
        return
    for key in gone:
        click.echo(f"Revoked {key.id} of {plain(key.name)}.")


def _standing(key: ApiKey, moment: datetime) -> str:
    """Return in words whether a key is valid."""
    if key.revoked is not None:
        return f"revoked {key.revoked.date()}"
    if key.expires is None:
        return "valid"
    return f"{'until' if key.valid(moment) else 'expired'} {key.expires.date()}"


def _file(given: Path | None) -> Path:
    """Return the file of keys.

    Raises:
        UsageError: none is named.
    """
    from conformity.settings import load_settings

    found = given or load_settings().api_keys
    if found is None:
        raise UsageError("Name the file of keys with --file, or in CONFORMITY_API_KEYS.")
    return found
