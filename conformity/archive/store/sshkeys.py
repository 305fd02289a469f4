"""Sign commits and tags of an archive with an SSH key, as git does, so that git can verify them."""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from conformity.archive.store.git import Git
from conformity.errors import MissingLibraryError, PathError

SIGNER = "archive@conformity.invalid"
"""The address in whose name commits of an archive are made; it belongs to nobody."""

_NAMESPACE = "git"
_PATIENCE_S = 60


@dataclass(frozen=True)
class SshKey:
    """A private key in a file, or the public key of one that an agent holds."""

    file: Path
    """The file."""

    def sign(self, payload: bytes) -> str:
        """Return the signature over a commit or tag, armoured.

        Raises:
            MissingLibraryError: OpenSSH is not installed.
            PathError: the key cannot be used.
        """
        program = shutil.which("ssh-keygen")
        if program is None:
            raise MissingLibraryError(
                "ssh-keygen, which signs commits, is not installed; install OpenSSH (Debian: apt-get install "
                "openssh-client)."
            )
        environment = {
            name: os.environ[name] for name in ("PATH", "HOME", "SSH_AUTH_SOCK") if name in os.environ
        }
        try:
            done = subprocess.run(  # noqa: S603 # found on the path, with arguments of our own
                [program, "-Y", "sign", "-n", _NAMESPACE, "-f", str(self.file)],
                input=payload,
                capture_output=True,
                # Nobody is asked for a passphrase: an agent has it, or the key is refused.
                env={**environment, "SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "force", "LC_ALL": "C"},
                start_new_session=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PathError(f"ssh-keygen could not be run ({error}); nothing was archived.") from error
        armoured = done.stdout.decode("ascii", "replace")
        if done.returncode != 0 or "BEGIN SSH SIGNATURE" not in armoured:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise PathError(
                f"The key {self.file} cannot sign ({said[-1][:200] if said else 'ssh-keygen failed'}); name "
                "an SSH private key without a passphrase, or the public key of one that ssh-agent holds."
            )
        return armoured.strip()

    def signer_line(self) -> str:
        """Return the key's line of the file with the keys that are allowed to sign.

        Raises:
            MissingLibraryError: OpenSSH is not installed.
            PathError: the key cannot be used.
        """
        return f'{SIGNER} namespaces="{_NAMESPACE}" {public_key(self.sign(b"a trial"))}'


def public_key(armoured: str) -> str:
    """Return the public key in a signature, as a line of text: its kind, and itself in base64.

    Raises:
        PathError: it is no such signature.

    Source:
        OpenSSH, PROTOCOL.sshsig: "SSHSIG", a version in four bytes, then the key with its length in four.
    """
    body = "".join(line for line in armoured.splitlines() if not line.startswith("-----"))
    try:
        blob = base64.b64decode(body, validate=True)
        key = _part(blob, 10)
        kind = _part(key, 0).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise PathError("ssh-keygen gave no signature that can be read; name another key.") from error
    if blob[:6] != b"SSHSIG":
        raise PathError("ssh-keygen gave no signature that can be read; name another key.")
    return f"{kind} {base64.b64encode(key).decode()}"


def configured(git: Git) -> tuple[SshKey | None, str | None]:
    """Return the key that the repository's own configuration names, and what should be told about it.

    Raises:
        GitError: git failed.
    """
    named = git.text("config", "--local", "--type=path", "--get", "user.signingkey", ends=(0, 1))
    if not named:
        return None, None
    if git.text("config", "--local", "--get", "gpg.format", ends=(0, 1)) != "ssh":
        return None, (
            "The commit is not signed: the archive's configuration names a key that is no SSH key "
            "(gpg.format is not ssh); name one with --sign-key."
        )
    return SshKey(Path(named)), None


def _part(blob: bytes, start: int) -> bytes:
    """Return the bytes behind a length in four bytes.

    Raises:
        ValueError: there are fewer.
    """
    size = int.from_bytes(blob[start : start + 4], "big")
    part = blob[start + 4 : start + 4 + size]
    if not part or len(part) != size:
        raise ValueError("too short")
    return part
