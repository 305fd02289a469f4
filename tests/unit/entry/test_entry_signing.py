"""What ``conformity sign`` and ``conformity keys`` take, print and refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from conformity.archive.pack import write_pack
from conformity.archive.signing.keys import signer_of
from conformity.archive.sums import ENVELOPE, read_sums
from conformity.entry.cli import cli
from conformity.entry.passphrases import key_passphrase, new_passphrase, seal_passphrase, token_pin
from conformity.errors import ConformityError, MissingLibraryError, PathError, UsageError
from tests.support.declarations import complete, packed
from tests.support.hardware_token import PIN, SOFTHSM, StandIn
from tests.support.keys import PASSPHRASE, certified, crl, edwards, elliptic, issued_by_itself, write_key
from tests.support.small_pdf import small_pdf
from tests.support.stamps import Openssl, serving

WORDS = PASSPHRASE.decode()


@pytest.fixture(autouse=True)
def _fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the time, and leave the environment without secrets."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795424400")
    for name in ("KEY_PASSPHRASE", "SEAL_PASSPHRASE", "TOKEN_PIN", "SIGSTORE_TOKEN"):
        monkeypatch.delenv(f"CONFORMITY_{name}", raising=False)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a small pack with a PDF in it."""
    made = packed(complete(), tmp_path_factory.mktemp("made") / "pack")
    return {**{name: (made / name).read_bytes() for name in read_sums(made)}, "report.pdf": small_pdf()}


@pytest.fixture
def pack(records: dict[str, bytes], tmp_path: Path) -> Path:
    """Return a small pack."""
    write_pack(tmp_path / "pack", records)
    return tmp_path / "pack"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Return a private key in a file, not encrypted."""
    return write_key(tmp_path, edwards())


def run(*arguments: Any, **more: Any) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, [str(one) for one in arguments], **more)


def refused(kind: type[ConformityError], *arguments: Any) -> str:
    """Return why a command is refused."""
    said = run(*arguments)
    assert isinstance(said.exception, kind), said.exception
    return said.exception.message


def test_a_signature_is_told_with_what_it_is_worth(pack: Path, key: Path) -> None:
    said = run("sign", pack, "--key", key)
    assert said.exit_code == 0, said.exception
    lines = said.stdout.splitlines()
    assert lines[0] == f"Signed: {pack} (assessment, 4 files)"
    assert lines[2] == f"  key   {edwards().public.keyid}"
    assert lines[-1] == "The statement is signed with a development key, no legal value."
    assert (pack / ENVELOPE).is_file()


def test_it_is_told_as_json(pack: Path, key: Path) -> None:
    told = json.loads(run("sign", pack, "--key", key, "--json").stdout)
    assert told["signed_by"]["development"] is True
    assert (told["kind"], told["folder"]) == ("assessment", str(pack))


def test_seal_and_time_are_told(
    pack: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMITY_SEAL_PASSPHRASE", WORDS)
    (tmp_path / "tsa").mkdir()
    with serving(Openssl(tmp_path / "tsa").answer) as (url, _):
        said = run("sign", pack, "--key", key, "--seal", certified().p12(tmp_path), "--timestamp", url)
    assert said.exit_code == 0, said.exception
    assert (
        "  seal  report.pdf: B-T, CN=Specimen seal\n        certificate by CN=Specimen authority\n"
        in said.stdout
    )
    assert ", by CN=Specimen time\n" in said.stdout
    assert "The PDF is sealed with" not in said.stdout


def test_a_seal_for_archives_takes_roots_and_lists(pack: Path, tmp_path: Path) -> None:
    chain, root, revoked = (tmp_path / name for name in ("chain.pem", "root.pem", "list.crl"))
    chain.write_bytes(certified().chain)
    root.write_bytes(certified().issuer.public_bytes(Encoding.PEM))
    revoked.write_bytes(crl())
    (tmp_path / "tsa").mkdir()
    private = write_key(tmp_path, signer_of(certified().key))
    asked = ["sign", pack, "--key", private, "--certificate", chain, "--seal-same"]
    with serving(Openssl(tmp_path / "tsa").answer) as (url, _):
        said = run(*asked, "--long-term", "--trust", root, "--crl", revoked, "--timestamp", url)
    assert said.exit_code == 0, said.exception
    assert "  seal  report.pdf: B-LTA, CN=Specimen seal\n" in said.stdout
    assert "in a file; certified, which is not checked here\n" in said.stdout
    assert "no legal value" not in said.stdout


def test_a_seal_issued_by_itself_is_a_development_seal(pack: Path, key: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(PASSPHRASE + b"\n")
    p12 = issued_by_itself().p12(tmp_path)
    said = run("sign", pack, "--key", key, "--seal", p12, "--seal-passphrase-file", secret)
    assert said.stdout.endswith("The PDF is sealed with a development key, no legal value.\n"), said.exception


def test_a_program_signs(pack: Path, tmp_path: Path) -> None:
    private, public = write_key(tmp_path, elliptic()), tmp_path / "key.pub"
    public.write_text(elliptic().public.pem)
    command = f"openssl dgst -sha256 -sign '{private}'"
    said = run("sign", pack, "--command", command, "--public", public)
    assert "ecdsa-p256-sha256, in a command\n" in said.stdout, said.exception
    assert "cannot be split" in refused(UsageError, "sign", pack, "--command", "a 'b", "--public", public)
    assert "Name the public key" in refused(UsageError, "sign", pack, "--command", command, "--replace")


def test_a_token_signs(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkcs11.lib", StandIn().lib)
    monkeypatch.setenv("CONFORMITY_TOKEN_PIN", PIN)
    uri = f"pkcs11:token=seal;object=p256?module-path={SOFTHSM}"
    assert "ecdsa-p256-sha256, in a token\n" in run("sign", pack, "--pkcs11", uri).stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "Name one key that signs"),
        (["--key", "k", "--command", "c"], "Name one key that signs"),
        (["--key", "KEY", "--seal-same"], "comes without a certificate"),
        (["--key", "KEY", "--seal", "KEY", "--seal-same"], "not both"),
        (["--key", "KEY", "--long-term"], "--long-term is about the seal"),
        (["--sigstore"], "--i-publish-to-a-public-log"),
        (["--sigstore", "--i-publish-to-a-public-log", "--key", "KEY"], "with --sigstore alone"),
        (["--sigstore", "--i-publish-to-a-public-log"], "CONFORMITY_SIGSTORE_TOKEN"),
    ],
)
def test_other_options_are_refused(options: list[str], told: str, pack: Path, key: Path) -> None:
    given = [str(key) if one == "KEY" else one for one in options]
    assert told in refused(UsageError, "sign", pack, *given)
    assert not (pack / ENVELOPE).exists()


def test_long_term_needs_roots_and_lists(pack: Path, tmp_path: Path) -> None:
    chain = tmp_path / "chain.pem"
    chain.write_bytes(certified().chain)
    private = write_key(tmp_path, signer_of(certified().key))
    asked = ["sign", pack, "--key", private, "--certificate", chain, "--seal-same", "--long-term"]
    assert "needs the root certificates" in refused(UsageError, *asked)


def test_sealing_tells_what_to_install(pack: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, statements are signed all the same; only seals are not to be had."""
    monkeypatch.setattr("conformity.archive.signing.optional.find_spec", lambda _: None)
    told = refused(MissingLibraryError, "sign", pack, "--key", key, "--seal", key)
    assert told == "Seals need pyHanko, which is not installed; install `conformity[seal]`."
    assert run("sign", pack, "--key", key).exit_code == 0


def test_what_sigstore_made_is_told(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMITY_SIGSTORE_TOKEN", "token")
    monkeypatch.setattr(
        "conformity.pipeline.publishing.publish_statement", lambda folder, *_: folder.with_name("b.json")
    )
    said = run("sign", pack, "--sigstore", "--i-publish-to-a-public-log")
    assert said.stdout == f"Sigstore: {pack.with_name('b.json')}\n"


def test_keys_are_made_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMITY_KEY_PASSPHRASE", WORDS)
    made = run("keys", "new", "-o", tmp_path / "k")
    assert made.exit_code == 0, made.exception
    assert "This is a development key, no legal value.\n" in made.stdout
    shown = run("keys", "show", tmp_path / "k.pub")
    assert shown.stdout.splitlines()[1:] == made.stdout.splitlines()[1:]
    told = json.loads(run("keys", "show", tmp_path / "k", "--json").stdout)
    assert told["keyid"] in made.stdout
    chain = tmp_path / "chain.pem"
    chain.write_bytes(certified().chain)
    certain = run("keys", "show", chain).stdout
    assert "  certificate of CN=Specimen seal, issued by CN=Specimen authority\n" in certain
    assert "no legal value" not in certain


def test_a_secret_is_no_argument() -> None:
    """Arguments can be read by everybody on the machine."""
    for command in ("sign", "keys"):
        group = cli.commands[command]
        found = list(group.commands.values()) if isinstance(group, click.Group) else [group]
        for one in found:
            options = {name for parameter in one.params for name in parameter.opts}
            assert not {name for name in options if "pass" in name or "pin" in name} - {
                "--passphrase-file",
                "--seal-passphrase-file",
            }


def test_a_passphrase_comes_from_file_variable_or_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"of the file\r\n")
    locked = write_key(tmp_path, edwards(), PASSPHRASE)
    asked: list[dict[str, Any]] = []

    def prompt(question: str, **options: Any) -> str:
        asked.append({"question": question, **options})
        return "typed"

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert key_passphrase(locked, None) == b"typed"
    assert (asked[0]["hide_input"], asked[0]["confirmation_prompt"]) == (True, False)
    assert new_passphrase(None) == b"typed"
    assert asked[1]["confirmation_prompt"] is True
    monkeypatch.setenv("CONFORMITY_KEY_PASSPHRASE", "of the variable")
    assert key_passphrase(locked, None) == b"of the variable"
    assert key_passphrase(locked, file) == b"of the file"
    assert len(asked) == 2


def test_a_passphrase_is_asked_for_only_where_it_is_needed(tmp_path: Path, key: Path) -> None:
    assert key_passphrase(key, None) is None
    assert seal_passphrase(key, None) is None
    with pytest.raises(UsageError, match="CONFORMITY_SEAL_PASSPHRASE, with --seal-passphrase-file"):
        seal_passphrase(certified().p12(tmp_path), None)


def test_a_secret_that_is_nowhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="PIN of the token is needed; give it in CONFORMITY_TOKEN_PIN"):
        token_pin(None)
    monkeypatch.setenv("CONFORMITY_TOKEN_PIN", "")
    with pytest.raises(UsageError, match="is empty"):
        token_pin(None)
    with pytest.raises(PathError, match="cannot be read"):
        token_pin(tmp_path / "none")
    large = tmp_path / "large"
    large.write_bytes(b"x" * 5000)
    with pytest.raises(PathError, match="holds more than a passphrase"):
        token_pin(large)


@pytest.mark.parametrize("arguments", [["sign"], ["keys"], ["keys", "new"], ["keys", "show"]], ids=" ".join)
def test_the_help_is_readable_in_80_columns(arguments: list[str]) -> None:
    said = run(*arguments, "--help", terminal_width=80)
    assert said.exit_code == 0
    assert max(len(line) for line in said.stdout.splitlines()) <= 80
