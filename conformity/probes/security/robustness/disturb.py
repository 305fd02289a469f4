"""Disturb rows: noise, gaps, changed and unseen categories, wrong units, shifts; each from its own seed.

Every function takes a frame of the sampled rows and returns a new one. What is drawn at random comes from a
generator that is seeded by the run's seed and the disturbance's name, so that adding one changes no other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.probes.shared.intervals import Floats
from conformity.probes.shared.models.features import UNSEEN, Feature, movable

if TYPE_CHECKING:
    import pandas as pd

NOISE = (0.05, 0.1, 0.25, 0.5)
"""Standard deviations of the noise, in those of each feature."""
MISSING_SHARES = (0.05, 0.1, 0.3)
"""Shares of the cells that are emptied."""
CHANGED = 0.1
"""Share of the cells of categories that are changed."""
FACTORS = (0.1, 0.9, 1.1, 10.0)
"""What a number is multiplied by when its unit or scale is mistaken."""
SHIFT = 0.5
"""How far all rows are shifted, in standard deviations of each feature."""
STANDARD_NOISE = 0.25
"""The noise by which features and groups are compared."""


@dataclass(frozen=True)
class Disturbance:
    """One way in which rows are changed."""

    name: str
    """What it is called in the report."""
    apply: Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]
    """From rows to changed rows."""

    def of(self, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
        """Return the rows as the disturbance leaves them.

        Args:
            rows: the rows as they are.
            seed: the run's seed.
        """
        return self.apply(rows, np.random.default_rng([seed, zlib.crc32(self.name.encode())]))


def standard(features: Sequence[Feature]) -> Disturbance:
    """Return the one disturbance by which features and groups are compared: moderate noise in everything."""
    numbers, categories = movable(features, "number"), movable(features, "category")

    def apply(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Add noise to the numbers and change some categories."""
        return changed(noisy(rows, numbers, STANDARD_NOISE, rng), categories, CHANGED, rng)

    return Disturbance(
        f"noise of {STANDARD_NOISE:g} standard deviations and {CHANGED:.0%} of categories changed", apply
    )


def joint(features: Sequence[Feature]) -> tuple[Disturbance, ...]:
    """Return the disturbances of all features together.

    Args:
        features: the features, of which one at least may be changed.
    """
    numbers, categories = movable(features, "number"), movable(features, "category")
    texts = tuple(f for f in categories if all(isinstance(value, str) for value in f.values))
    either = (*numbers, *categories)
    found: list[Disturbance] = []
    if numbers:
        found += [
            Disturbance(
                f"noise of {level:g} standard deviations",
                lambda rows, rng, level=level: noisy(rows, numbers, level, rng),  # type: ignore[misc]
            )
            for level in NOISE
        ]
        found += [
            Disturbance(
                f"shift by {distance:+g} standard deviations",
                lambda rows, _, distance=distance: shifted(rows, numbers, distance),  # type: ignore[misc]
            )
            for distance in (-SHIFT, SHIFT)
        ]
    found += [
        Disturbance(
            f"{share:.0%} of cells missing",
            lambda rows, rng, share=share: emptied(rows, either, share, rng),  # type: ignore[misc]
        )
        for share in MISSING_SHARES
    ]
    if categories:
        name = f"{CHANGED:.0%} of categories changed"
        found.append(Disturbance(name, lambda rows, rng: changed(rows, categories, CHANGED, rng)))
    if texts:
        name = f"{CHANGED:.0%} of categories never seen"
        found.append(Disturbance(name, lambda rows, rng: unseen(rows, texts, CHANGED, rng)))
    return tuple(found)


def single(feature: Feature) -> tuple[Disturbance, ...]:
    """Return the disturbances of one feature alone, by which the worst feature is found."""
    one = (feature,)
    found = [Disturbance("missing in every row", lambda rows, rng: emptied(rows, one, 1.0, rng))]
    if feature.kind == "category":
        name = "changed in every row"
        return (*found, Disturbance(name, lambda rows, rng: changed(rows, one, 1.0, rng)))
    found.append(
        Disturbance(
            f"noise of {STANDARD_NOISE:g} standard deviations",
            lambda rows, rng: noisy(rows, one, STANDARD_NOISE, rng),
        )
    )
    found += [
        Disturbance(
            f"multiplied by {factor:g}",
            lambda rows, _, factor=factor: scaled(rows, feature, factor),  # type: ignore[misc]
        )
        for factor in FACTORS
    ]
    found += [
        Disturbance(
            f"shift by {distance:+g} standard deviations",
            lambda rows, _, distance=distance: shifted(rows, one, distance),  # type: ignore[misc]
        )
        for distance in (-SHIFT, SHIFT)
    ]
    return tuple(found)


def noisy(
    rows: pd.DataFrame, features: Sequence[Feature], level: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return rows with normal noise in numbers, in standard deviations of each feature."""
    drawn = rng.standard_normal((len(features), len(rows)))
    return _with(
        rows,
        {f.name: f.settle(_of(rows, f) + level * f.spread * drawn[k]) for k, f in enumerate(features)},
    )


def shifted(rows: pd.DataFrame, features: Sequence[Feature], distance: float) -> pd.DataFrame:
    """Return rows in which numbers lie further up or down, in standard deviations of each feature."""
    return _with(rows, {f.name: f.settle(_of(rows, f) + distance * f.spread) for f in features})


def scaled(rows: pd.DataFrame, feature: Feature, factor: float) -> pd.DataFrame:
    """Return rows in which one number is in another unit; declared bounds do not stop such a mistake."""
    return _with(rows, {feature.name: _of(rows, feature) * factor})


def emptied(
    rows: pd.DataFrame, features: Sequence[Feature], share: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return rows in which cells are missing completely at random."""
    import pandas

    gone = rng.random((len(features), len(rows))) < share
    made: dict[str, Any] = {}
    for k, feature in enumerate(features):
        if pandas.api.types.is_numeric_dtype(rows[feature.name]):
            made[feature.name] = np.where(gone[k], np.nan, _of(rows, feature))
        else:
            given = rows[feature.name].astype(object)
            made[feature.name] = given.where(~pandas.Series(gone[k], index=rows.index), None)
    return _with(rows, made)


def changed(
    rows: pd.DataFrame, features: Sequence[Feature], share: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return rows in which categories are another of their values, each as likely."""
    made: dict[str, Any] = {}
    for feature in features:
        hit = rng.random(len(rows)) < share
        step = rng.integers(1, len(feature.values), size=len(rows))
        place = {value: k for k, value in enumerate(feature.values)}
        given = rows[feature.name].tolist()
        made[feature.name] = _like(
            rows[feature.name],
            [
                feature.values[(place[value] + move) % len(feature.values)]
                if wanted and value in place
                else value
                for value, wanted, move in zip(given, hit.tolist(), step.tolist(), strict=True)
            ],
        )
    return _with(rows, made)


def unseen(
    rows: pd.DataFrame, features: Sequence[Feature], share: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return rows in which categories are a value that no row has."""
    made: dict[str, Any] = {}
    for feature in features:
        hit = rng.random(len(rows)) < share
        given = zip(rows[feature.name].tolist(), hit.tolist(), strict=True)
        made[feature.name] = [UNSEEN if wanted else value for value, wanted in given]
    return _with(rows, made)


def _of(rows: pd.DataFrame, feature: Feature) -> Floats:
    """Return the numbers of a feature, (n,)."""
    return rows[feature.name].to_numpy(dtype=np.float64, na_value=np.nan)


def _like(given: pd.Series[Any], values: list[object]) -> pd.Series[Any]:
    """Return values in the type of a column, as long as it can hold them."""
    import pandas

    return pandas.Series(values, index=given.index, dtype=given.dtype)


def _with(rows: pd.DataFrame, made: Mapping[str, Any]) -> pd.DataFrame:
    """Return rows with some columns replaced, in the order of old."""
    return rows.assign(**made) if made else rows
