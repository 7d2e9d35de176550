"""Linear programmes over the equations a reader knows: what hidden numbers could be instead.

An unknown of a programme is the change of one variable. The changes of a solution leave every
equation true, so that the reader cannot tell the changed numbers from the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from cpw.reports.disclosure.known_facts import KnownFacts

Bounds = tuple[float, float | None]
"""The least and the greatest change of a variable; None: there is no greatest."""

TOLERANCE = 1e-6
"""Changes smaller than this are 0."""


def equation_matrix(facts: KnownFacts, variables: Sequence[int]) -> csr_array:
    """The equations in which one of the variables stands: a row for each, a column a variable."""
    column = {variable: place for place, variable in enumerate(variables)}
    numbers = {number for variable in variables for number in facts.equations_of[variable]}
    cells = [
        (row, column[variable], sign)
        for row, number in enumerate(sorted(numbers))
        for variable, sign in facts.equations[number].terms
        if variable in column
    ]
    rows, columns, signs = zip(*cells, strict=True)
    return csr_array((signs, (rows, columns)), shape=(len(numbers), len(variables)), dtype=float)


def cheapest_changes(
    matrix: csr_array, costs: Sequence[float], bounds: Sequence[Bounds]
) -> list[float] | None:
    """The changes of least cost that leave every equation true; None where there are none."""
    zero = np.zeros(matrix.shape[0])
    found = linprog(costs, A_eq=matrix, b_eq=zero, bounds=bounds, method="highs")
    return list(found.x) if found.success else None
