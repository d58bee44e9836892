"""Party values to business units, and unit figures back to Party organisations (DESIGN 3, measured unit).

A unit's Party value is the share-weighted mean over the organisations linked to it; weights are renormalised over present values.
The converse is weighted by head-count.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from rongtong.panel.measuring.plan import Link

Float = NDArray[np.float64]


def weight_matrix(links: Sequence[Link], rows: dict[int, int], columns: dict[int, int]) -> sparse.csr_array:
    """Shares as a sparse (units, organisations) matrix; links to nodes outside either index are left out."""
    kept = [link for link in links if link.unit in rows and link.party in columns]
    data = np.array([link.share for link in kept], dtype=np.float64)
    at = ([rows[link.unit] for link in kept], [columns[link.party] for link in kept])
    return sparse.csr_array((data, at), shape=(len(rows), len(columns)))


def project(weights: sparse.csr_array, values: Float) -> Float:
    """Weighted mean of `values` (organisations, indicators) per unit over present values; NaN where none is present.

    >>> w = sparse.csr_array(np.array([[0.5, 0.5], [0.0, 1.0]]))
    >>> project(w, np.array([[1.0], [np.nan]])).ravel()
    array([ 1., nan])
    """
    present = np.isfinite(values)
    total = weights @ np.where(present, values, 0.0)
    mass = weights @ present.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(mass > 0, total / mass, np.nan), dtype=np.float64)
