"""Validation at the public door. Inputs are never changed; every refusal says what and what to do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement.errors import InvalidInput

Float = NDArray[np.float64]
_SIGNS = {"+": "benefit", "-": "cost"}
DIRECTIONS = ("benefit", "cost", "target", "interval")


def matrix(values: ArrayLike, name: str = "values", *, allow_nan: bool = True) -> Float:
    """A float copy with two dimensions, at least one row and column, no inf."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 2 or not array.size:
        raise InvalidInput(f"{name} has shape {array.shape}; give a matrix (units, indicators) with at least one row and column")
    if np.isinf(array).any():
        raise InvalidInput(f"{name} holds infinite values; replace them or mark them missing with NaN")
    if not allow_nan and np.isnan(array).any():
        raise InvalidInput(f"{name} holds missing values, which this method does not take; leave the rows out or choose another method")
    return array


def vector(values: ArrayLike, length: int | None = None, name: str = "weights") -> Float:
    """A float copy with one dimension, finite, of the given length."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1 or not array.size or (length is not None and len(array) != length):
        raise InvalidInput(
            f"{name} has shape {array.shape}; give one number per indicator ({length if length is not None else 'at least one'})"
        )
    if not np.isfinite(array).all():
        raise InvalidInput(f"{name} holds NaN or infinite numbers")
    return array


def weight_vector(values: ArrayLike, length: int | None = None, name: str = "weights") -> Float:
    """Weights: finite, not negative, not all zero."""
    array = vector(values, length, name)
    if (array < 0).any() or array.sum() <= 0:
        raise InvalidInput(f"{name} must be 0 or more and not all 0")
    return array


def direction_list(directions: Sequence[str], columns: int) -> list[str]:
    """Directions as words; + and - are accepted."""
    if isinstance(directions, str) or len(directions) != columns:
        raise InvalidInput(f"{len(directions)} directions for {columns} indicators; give one per indicator")
    found = [_SIGNS.get(direction, direction) for direction in directions]
    for direction in found:
        choice(direction, DIRECTIONS, "direction")
    return found


def choice(value: str, known: Sequence[str], name: str) -> str:
    if value not in known:
        raise InvalidInput(f"{name} {value!r} is not known; choose one of {', '.join(known)}")
    return value


def fraction(value: float, name: str, *, low: float = 0.0, high: float = 1.0) -> float:
    if not (np.isfinite(value) and low <= value <= high):
        raise InvalidInput(f"{name} is {value}; give a number from {low:g} to {high:g}")
    return float(value)


def frozen(array: NDArray[np.generic]) -> NDArray[np.generic]:
    array.setflags(write=False)
    return array
