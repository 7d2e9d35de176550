"""Find the collection year of each of several returns, from their episodes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

from cpw.contract.collection_year import first_day, last_day
from cpw.core.database import connect
from cpw.core.errors import InputError

_MOST = 6  # indicators need six years of history, and all orders of six can still be tried


def years_of(folders: Sequence[Path], names: Sequence[str], years: Sequence[int]) -> list[int]:
    """The collection year of each return.

    Args:
        folders: for each return the folder that it was read to.
        names: the returns as the user named them.
        years: one year for each return; or only the latest year. The episodes then decide: an
            episode of a return begins by the end of the return's year and does not end before it.

    Raises:
        InputError: the number of years does not match the returns, two returns have the same
            year, or the episodes do not decide.
    """
    if len(years) == len(folders):
        if repeated := sorted({year for year in years if years.count(year) > 1}):
            raise InputError(
                f"two returns have the year {repeated[0]}",
                remedy="Give each return its own --year, in the order of the paths",
            )
        return list(years)
    if len(years) != 1 or len(folders) > _MOST:
        raise InputError(
            f"there are {len(folders)} returns and {len(years)} years",
            remedy="Give --year once for each return, in the order of the paths",
        )
    candidates = [years[0] - back for back in range(len(folders))]
    counted = [_count(folder, candidates) for folder in folders]
    fits, shows = [fit for fit, _ in counted], [show for _, show in counted]
    ranked = sorted(
        permutations(range(len(candidates))),
        key=lambda order: -sum(fits[n][place] for n, place in enumerate(order)),
    )
    best, second = (sum(fits[n][p] for n, p in enumerate(order)) for order in ranked[:2])
    if best == second or not all(shows[n][p] for n, p in enumerate(ranked[0])):
        raise InputError(
            f"the episodes do not show which of {', '.join(names)} is the return of which year, "
            f"from {candidates[-1]} to {candidates[0]}",
            remedy="Give --year once for each return, in the order of the paths",
        )
    return [candidates[place] for place in ranked[0]]


def _count(folder: Path, candidates: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each year, how many episodes of a return fit into it, and how many begin or end in it."""
    episodes = folder / "typed" / "ssda903_episodes.parquet"
    days = [(first_day(year), last_day(year)) for year in candidates]
    fits = ", ".join(
        f"count(*) filter (where decom <= date '{last}' and (dec is null or dec >= date '{first}'))"
        for first, last in days
    )
    shows = ", ".join(
        f"count(*) filter (where decom between date '{first}' and date '{last}' "
        f"or dec between date '{first}' and date '{last}')"
        for first, last in days
    )
    with connect() as connection:
        found = connection.execute(
            f"select [{fits}], [{shows}] from read_parquet('{episodes}')"
        ).fetchall()
    return found[0][0], found[0][1]
