"""Pair the rows of two sources about the same child, by their days and codes and not by id.

Ids of rows differ between sources: a return has none. So a row is paired with the one of the same
child and kind that is about the same (a day, a code); of those left over, the newest with the
newest, the next with the next. What then has no partner is in one source only.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from cpw.core.sql import read_sql

_PAIRS = Path(__file__).with_name("sql") / "pairs.sql"


def pair(connection: duckdb.DuckDBPyConnection, things: str, keys: str, pairs: str) -> None:
    """Write a table of the rows that are the same: ``extract_id, ssda903_id``.

    Args:
        connection: has the table of things.
        things: a table with ``id`` (unique over both sources), ``side`` (``extract`` or
            ``ssda903``), ``about`` and ``day`` (either may be null), ``is_known`` (false where the
            other source cannot have it: it is paired only with one that is about the same) and the
            keys.
        keys: the columns in which two things must agree, with commas between them.
        pairs: the table to make; one of the two ids is null where there is no partner.
    """
    condition = " and ".join(f"own.{key.strip()} = other.{key.strip()}" for key in keys.split(","))
    query = read_sql(_PAIRS, things=things, keys=keys, condition=condition)
    connection.execute(f"create table {pairs} as {query}")
