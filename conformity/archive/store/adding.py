"""Add a version to an archive: all of it in one commit, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from conformity.archive.store import journal, lfs, remote
from conformity.archive.store.chain import INDEX, head_of, line_of
from conformity.archive.store.commits import commit_of, tag_of
from conformity.archive.store.content import PackFiles, is_signed
from conformity.archive.store.following import Follows, check_follows, same_version
from conformity.archive.store.incoming import Incoming, incoming
from conformity.archive.store.layout import FIRST_FILES, SIGNERS, path_of, system_of
from conformity.archive.store.repository import PARTIAL, Repository, found_or_made, locked
from conformity.archive.store.retention import retention
from conformity.archive.store.sshkeys import SshKey, configured
from conformity.archive.store.state import State, blobs_of, check_writable, read_state
from conformity.errors import PathError
from conformity.model.archive import ArchiveEntry, ArchiveOutcome
from conformity.model.base import Sha256, sha256_of
from conformity.model.classification import Outcome


@dataclass(frozen=True)
class Candidate:
    """A pack that is to be archived, with what its records say."""

    files: PackFiles
    """Its files."""
    name: str
    """The system's trade name."""
    system_version: str
    """The system's version."""
    provider: str
    """Who answers for it."""
    follows: Follows
    """Its version, and the one before that it names."""
    assessed_at: datetime
    """When it was judged."""
    placed_on_market_on: date | None
    """When the system was placed on the market or put into service, if declared."""
    outcome: Outcome
    """Where the classification ended."""


@dataclass(frozen=True)
class Manner:
    """How a pack is archived."""

    moment: datetime
    """The present, in UTC."""
    tool: str
    """Name and version of the tool."""
    key: Path | None = None
    """The SSH key that signs the commit; the repository's own configuration may name one if None."""
    tallies: bool = True
    """Whether tallies are archived."""
    first: bool = False
    """Whether a pack may be the first here though it names a version before."""
    remote: str | None = None
    """The remote to push to; None for no push."""
    wait_s: float = 900.0
    """How long to wait for others who archive, in seconds."""


@dataclass(frozen=True)
class _Plan:
    """What is to be committed."""

    entry: ArchiveEntry
    """The entry of the version."""
    line: bytes
    """Its line in the index."""
    key: SshKey | None
    """What signs the commit; None for an unsigned one."""
    signers: str | None
    """The key's line of the file with the keys that are allowed to sign."""
    notices: tuple[str, ...]
    """What a person should know."""

    @property
    def head(self) -> Sha256:
        """Return the head of the chain with it."""
        return sha256_of(self.line)


def add(folder: Path, candidate: Candidate, manner: Manner) -> ArchiveOutcome:
    """Archive a pack, and return what came of it.

    Args:
        folder: the archive; created when it is empty or missing.
        candidate: the pack.
        manner: how.

    Raises:
        ConformityError: the pack, the archive or the key is unusable; nothing was archived, unless the
            message says that it was and could not be pushed.
    """
    made = found_or_made(folder)
    with locked(made, manner.wait_s) as repository:
        notices = journal.recover(repository)
        state = read_state(repository.git, str(folder))
        check_writable(state, repository.git, str(folder))
        _check_empty(repository, state)
        if manner.remote is not None:
            remote.check_remote(repository.git, manner.remote, state)
        system = system_of(candidate.name, candidate.provider, state.entries)
        known = same_version(system, candidate, state, str(folder))
        outcome = _known(known, state) if known else _added(repository, candidate, manner, state, system)
        if manner.remote is not None:
            remote.push(repository.git, manner.remote, read_state(repository.git, str(folder)))
        return outcome.model_copy(
            update={"pushed_to": manner.remote, "notices": (*notices, *outcome.notices)}
        )


def _check_empty(repository: Repository, state: State) -> None:
    """Check that an archive that is to begin begins in an empty folder.

    Raises:
        PathError: there are files already.
    """
    if state.commit is None and not repository.bare:
        names = {entry.name for entry in repository.folder.iterdir() if not entry.name.startswith(PARTIAL)}
        others = sorted(names - {".git", "systems", INDEX, "keys", *FIRST_FILES})
        if others:
            raise PathError(f"{repository.folder} is not empty ({others[0]}); name an empty folder.")


def _known(entry: ArchiveEntry, state: State) -> ArchiveOutcome:
    """Return the outcome for a version that is there already."""
    return ArchiveOutcome(
        state="already_there",
        entry=entry,
        entry_sha256=sha256_of(line_of(entry)),
        commit=str(state.commit),
        signed=False,
    )


def _added(
    repository: Repository, candidate: Candidate, manner: Manner, state: State, system: str
) -> ArchiveOutcome:
    """Commit a version that is not there yet.

    Raises:
        ConformityError: it does not follow the one before, or cannot be stored.
    """
    plan = _planned(repository, candidate, manner, state, system)
    try:
        with incoming(repository) as place:
            move = _prepared(repository, place, candidate, manner, state, plan)
            journal.begin(repository, move)
            place.move_in(repository.git.git_dir / "objects")
            journal.make(repository, move, f"archive: {plan.entry.system} {plan.entry.version}")
    except OSError as error:
        journal.end(repository)
        raise PathError(
            f"{repository.folder} could not be written ({error.strerror or error}); no version was changed "
            "or lost: free some space and archive again."
        ) from error
    notices = (*plan.notices, *journal.finish(repository, move))
    return ArchiveOutcome(
        state="archived",
        entry=plan.entry,
        entry_sha256=plan.head,
        commit=move.new,
        signed=plan.key is not None,
        notices=notices,
    )


def _planned(
    repository: Repository, candidate: Candidate, manner: Manner, state: State, system: str
) -> _Plan:
    """Return what is to be committed for a version.

    Raises:
        ConformityError: it does not follow the one before, or the key cannot be used.
    """
    check_follows(system, candidate.follows, state, first=manner.first)
    entry = _entry(candidate, manner, state, system)
    key, notices = _key(repository, manner)
    if key is not None:
        _check_tag_free(repository, f"{system}/{entry.version}")
    if entry.tallies == "kept":
        notices.append(
            "The tallies were archived too; they are complete counts: keep the archive confidential, or use "
            "--without-tallies."
        )
    return _Plan(entry, line_of(entry), key, key.signer_line() if key else None, tuple(notices))


def _key(repository: Repository, manner: Manner) -> tuple[SshKey | None, list[str]]:
    """Return the key that signs, if there is one, and what should be told about it.

    Raises:
        PathError: there is no such file.
    """
    if manner.key is not None:
        key: SshKey | None = SshKey(manner.key.expanduser().absolute())
        notice = None
    else:
        key, notice = configured(repository.git)
    if key is not None and not key.file.is_file():
        raise PathError(f"There is no key {key.file}; name the file of an SSH key. Nothing was archived.")
    return key, [notice] if notice else []


def _check_tag_free(repository: Repository, name: str) -> None:
    """Check that there is no tag of a name yet.

    Raises:
        PathError: there is one.
    """
    if repository.git.text("rev-parse", "--verify", "--quiet", f"refs/tags/{name}", ends=(0, 1)):
        raise PathError(
            f"The archive has a tag {name} already, which the version would be signed with; rename it (git "
            "tag) and archive again."
        )


def _entry(candidate: Candidate, manner: Manner, state: State, system: str) -> ArchiveEntry:
    """Return the entry of a version."""
    files, version = candidate.files, candidate.follows.version
    until, because = retention(candidate.outcome, candidate.placed_on_market_on)
    before = [one for one in state.entries if one.system == system]
    return ArchiveEntry(
        sequence=len(state.entries) + 1,
        system=system,
        name=candidate.name,
        system_version=candidate.system_version,
        provider=candidate.provider,
        version=version,
        path=path_of(system, version),
        pack_sha256=files.digest,
        assessment_sha256=candidate.follows.assessment_sha256,
        previous_entry=head_of(state.lines),
        previous_version=before[-1].pack_sha256 if before else None,
        archived_at=manner.moment,
        assessed_at=candidate.assessed_at,
        placed_on_market_on=candidate.placed_on_market_on,
        retain_until=until,
        retain_because=because,
        tallies=("kept" if manner.tallies else "withheld") if files.has_tallies else "none",
        statement="assessment" if is_signed(files) else None,
        tool=manner.tool,
    )


def _prepared(
    repository: Repository, place: Incoming, candidate: Candidate, manner: Manner, state: State, plan: _Plan
) -> journal.Move:
    """Prepare all objects of a version, and return the step of the branch that brings it in.

    Raises:
        ConformityError: a file of the pack was changed, or cannot be stored.
    """
    blobs = place.store(_contents(repository, place, candidate, manner, state, plan))
    tree = place.tree(state.commit, blobs)
    commit = place.object("commit", commit_of(plan.entry, plan.head, tree, state.commit, plan.key))
    if plan.key is None:
        return journal.Move(state.branch, state.commit, commit)
    tag = place.object("tag", tag_of(plan.entry, plan.head, commit, plan.key))
    name = f"refs/tags/{plan.entry.system}/{plan.entry.version}"
    return journal.Move(state.branch, state.commit, commit, name, tag)


def _contents(
    repository: Repository, place: Incoming, candidate: Candidate, manner: Manner, state: State, plan: _Plan
) -> Iterator[tuple[str, bytes]]:
    """Yield every file that the commit adds or replaces, by its path in the archive.

    Raises:
        ConformityError: a file of the pack was changed, or Git LFS cannot be used.
    """
    yield INDEX, state.index + plan.line + b"\n"
    if state.commit is None:
        yield from FIRST_FILES.items()
    if plan.signers is not None:
        oid = state.blobs.get(SIGNERS)
        known = blobs_of(repository.git, [oid])[oid] if oid else b""
        if plan.signers.encode() not in known.split(b"\n"):
            yield SIGNERS, known + plan.signers.encode() + b"\n"
    large = _large(repository, place, candidate.files, state, plan.entry.path)
    for name, content in candidate.files.contents(tallies=manner.tallies):
        path = f"{plan.entry.path}/{name}"
        yield path, lfs.pointer(repository.git, path, content) if path in large else content


def _large(
    repository: Repository, place: Incoming, files: PackFiles, state: State, folder: str
) -> frozenset[str]:
    """Return which paths go to Git LFS.

    Raises:
        ConformityError: some do, and it cannot be used.
    """
    if ".gitattributes" not in state.blobs:
        return frozenset()
    staging = place.staging()
    staging.run("read-tree", str(state.commit))
    found = lfs.tracked(staging, [f"{folder}/{name}" for name in (*files.sums, *files.outside)])
    if found:
        lfs.check(repository.git)
    return found
