"""Pair what two sources hold of a child, by what it is about and not by its id.

Ids of rows differ between sources: a return has none. So a row is paired with the one of the same
child and kind that is about the same (a day, a code); of those left over, the newest with the
newest, the next with the next. What then has no partner is in one source only.
"""

from __future__ import annotations

import duckdb


def pair(connection: duckdb.DuckDBPyConnection, things: str, keys: str, pairs: str) -> None:
    """Write which things of the two sources are the same: a table ``extract_id, ssda903_id``.

    Args:
        connection: has the table of things.
        things: a table with ``id`` (unique over both sources), ``side`` (``extract`` or
            ``ssda903``), ``about`` and ``day`` (either may be null), ``is_known`` (false where the
            other source cannot have it: it is paired only with one that is about the same) and the
            keys.
        keys: the columns in which two things must agree, with commas between them.
        pairs: the table to make; one of the two ids is null where there is no partner.
    """
    using = ", ".join(f"own.{key.strip()} = other.{key.strip()}" for key in keys.split(","))
    together = using.replace(", ", " and ")
    connection.execute(f"""
        create table {pairs} as
        with numbered as (
            select *, row_number() over (partition by side, {keys}, about order by id) as place
            from {things}
        ),
        same as (
            select own.id as extract_id, other.id as ssda903_id
            from numbered as own inner join numbered as other on {together}
                and own.about is not distinct from other.about and own.place = other.place
            where own.side = 'extract' and other.side = 'ssda903'
        ),
        left_over as (
            select *, row_number() over (
                partition by side, {keys} order by day desc nulls last, id
            ) as rank
            from {things}
            where is_known
                and id not in (select extract_id from same union all select ssda903_id from same)
        ),
        of_extract as (select * from left_over where side = 'extract'),
        of_return as (select * from left_over where side = 'ssda903')
        select * from same
        union all
        select own.id, other.id
        from of_extract as own full join of_return as other
            on {together} and own.rank = other.rank
    """)
