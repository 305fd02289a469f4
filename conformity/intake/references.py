"""Check the names a manifest takes from the catalogue and the probes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from conformity.intake.loaded import LoadedManifest
from conformity.intake.names import quoted
from conformity.intake.problems import Problem
from conformity.intake.yaml_text import FieldPath

Bounds = tuple[float | None, float | None]
"""A lower and an upper bound; either may be missing."""

_NO_SETS: Mapping[str, Mapping[str, Bounds]] = {}


def check_references(
    loaded: LoadedManifest,
    requirement_ids: Collection[str],
    question_ids: Mapping[str, Collection[str]] | Collection[str],
    metric_ids: Mapping[str, Collection[str]] | Collection[str],
    of_claims: Collection[str] = (),
    default_bounds: Mapping[str, Mapping[str, Bounds]] = _NO_SETS,
) -> None:
    """Check that every requirement, question and metric that the manifest names exists.

    Args:
        loaded: the manifest as read.
        requirement_ids: ids of all rows of the catalogue.
        question_ids: ids of all questions of the classification procedure; as a mapping, with the
            points of the Act that an answer to each may name, and then the points are checked too.
        metric_ids: ids of all metrics; as a mapping, with the kinds of subject (``table``,
            ``model``, ``attack_record``, ``exhibit`` and so on) on which each is measured, and then it is
            checked too that a criterion's subject is of such a kind.
        of_claims: ids of the requirements that a level claimed in a document may serve.
        default_bounds: by the name of each set of defaults, its lower and upper bounds by metric.

    Raises:
        ManifestError: a name is unknown; each has a line with its place and the nearest known name.
    """
    problems = [
        *_questions(loaded, question_ids),
        *_requirements(loaded, requirement_ids),
        *_metrics(loaded, metric_ids),
        *_ranges(loaded, metric_ids),
        *_claims(loaded, of_claims),
        *_defaults(loaded, default_bounds),
    ]
    if problems:
        raise loaded.error(problems)


def _questions(
    loaded: LoadedManifest, known: Mapping[str, Collection[str]] | Collection[str]
) -> Iterator[Problem]:
    """Yield the questions that nobody asks, and the points that a question does not have."""
    for index, answer in enumerate(loaded.manifest.classification):
        yield from _known(("classification", index, "question"), answer.question, known, "question")
        if isinstance(known, Mapping) and answer.question in known:
            for number, point in enumerate(answer.points):
                path = ("classification", index, "points", number)
                yield from _known(path, point, known[answer.question], f"{answer.question} point")


def _requirements(loaded: LoadedManifest, known: Collection[str]) -> Iterator[Problem]:
    """Yield the requirements that the catalogue does not have."""
    manifest = loaded.manifest
    lists: list[tuple[FieldPath, tuple[str, ...]]] = [
        *((("exhibits", i, "covers"), exhibit.covers) for i, exhibit in enumerate(manifest.exhibits)),
        *((("criteria", i, "requirements"), item.requirements) for i, item in enumerate(manifest.criteria)),
        *((("sign_offs", i, "requirements"), item.requirements) for i, item in enumerate(manifest.sign_offs)),
    ]
    for index, item in enumerate(manifest.non_conformities):
        yield from _known(("non_conformities", index, "requirement"), item.requirement, known, "requirement")
    for path, names in lists:
        for number, name in enumerate(names):
            yield from _known((*path, number), name, known, "requirement")


def _metrics(
    loaded: LoadedManifest, known: Mapping[str, Collection[str]] | Collection[str]
) -> Iterator[Problem]:
    """Yield the metrics that no probe measures, or not on the criterion's subject."""
    manifest = loaded.manifest
    kinds = {subject.id: subject.kind for subject in manifest.subjects}
    for index, criterion in enumerate(manifest.criteria):
        path: FieldPath = ("criteria", index, "metric")
        unknown = list(_known(path, criterion.metric, known, "metric"))
        yield from unknown
        if unknown or not isinstance(known, Mapping):
            continue
        kind = kinds[criterion.subject]
        if kind not in known[criterion.metric]:
            works_on = " or ".join(sorted(known[criterion.metric]))
            yield Problem(
                ("criteria", index, "subject"),
                f"the metric {quoted(criterion.metric)} is measured on a {works_on}, but "
                f"{quoted(criterion.subject)} is a {kind}; name another subject or metric",
            )


def _ranges(
    loaded: LoadedManifest, known: Mapping[str, Collection[str]] | Collection[str]
) -> Iterator[Problem]:
    """Yield the metrics of predetermined changes that no probe measures."""
    for index, change in enumerate(loaded.manifest.predetermined_changes):
        for number, one in enumerate(change.ranges):
            path: FieldPath = ("predetermined_changes", index, "ranges", number, "metric")
            yield from _known(path, one.metric, known, "metric")


def _claims(loaded: LoadedManifest, known: Collection[str]) -> Iterator[Problem]:
    """Yield the requirements that a claim cannot serve: elsewhere a bound must be older than the test."""
    for index, criterion in enumerate(loaded.manifest.criteria):
        for number, name in enumerate(criterion.requirements if criterion.claimed_in else ()):
            if name not in known:
                yield Problem(
                    ("criteria", index, "requirements", number),
                    f"a level with `claimed_in` serves {', '.join(sorted(known))} only; for {quoted(name)} "
                    "fix a criterion of its own, before testing",
                )


def _defaults(loaded: LoadedManifest, sets: Mapping[str, Mapping[str, Bounds]]) -> Iterator[Problem]:
    """Yield the sets of defaults that do not exist, and the bounds that are not those of their set."""
    for index, criterion in enumerate(loaded.manifest.criteria):
        name, path = criterion.default_set, ("criteria", index, "default_set")
        if name is None:
            continue
        unknown = list(_known(path, name, sets, "set of defaults"))
        yield from unknown
        if not unknown and sets[name].get(criterion.metric) != (criterion.at_least, criterion.at_most):
            yield Problem(
                path,
                f"the set {quoted(name)} has no such bound on {quoted(criterion.metric)}; take `default_set` "
                "away: the bound is the provider's own",
            )


def _known(path: FieldPath, name: str, known: Collection[str], what: str) -> Iterator[Problem]:
    """Yield a problem when ``name`` is not among ``known``."""
    if name not in known:
        yield Problem(path, f"there is no {what} {quoted(name)}", name, sorted(known))
