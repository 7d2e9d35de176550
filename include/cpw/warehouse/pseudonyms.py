"""Keyed pseudonyms, which replace the ids of persons and rows in the marts.

A pseudonym is the first 32 hex digits of HMAC-SHA-256 over authority, subject type and source id.
The key is created on first use, and only its owner can read it. The same id has the same pseudonym
in every month; without the key nobody can compute a pseudonym or trace one back.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from cpw.contract.tables import contract
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.core.sql import read_sql

SUBJECT_SOURCES = {
    "child": ("ssd_person", "pers_person_id"),
    "period_of_care": ("ssd_cla_episodes", "clae_cla_id"),
    "review": ("ssd_cla_reviews", "clar_cla_review_id"),
    "missing_episode": ("ssd_missing", "miss_table_id"),
    "sdq_score": ("ssd_sdq_scores", "csdq_table_id"),
    "ehcp": ("local_ehcp_requests", "ehcp_request_id"),
    "care_leaver": ("ssd_care_leavers", "clea_table_id"),
    "care_leaver_birthday": ("local_care_leaver_outcomes", "outcome_id"),
    "complaint": ("local_complaints", "complaint_id"),
    "ola_placement": ("local_ola_placements", "ola_placement_id"),
    "post": ("local_establishment", "post_id"),
    "permanence": ("ssd_permanence", "perm_table_id"),
    "adoption_plan": ("local_adoption_plans", "adoption_plan_id"),
}

_BLOCK = 64
_SQL = Path(__file__).with_name("sql")


def pseudonym_key(home: Home) -> bytes:
    """The key of this data home, created on first use with mode 0600.

    Raises:
        InputError: the key is damaged, or missing although publications were made with it.
    """
    path = home.pseudonym_key
    if not path.exists():
        if home.restricted_database.exists():
            raise InputError(
                "the pseudonym key is missing, although publications were made with it",
                file=str(path),
                remedy="Restore it from a backup; with another key no child could be followed "
                "from one month to the next",
            )
        home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = home.keys / f".pseudonym.key.{os.getpid()}"
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_hex(32))
        try:
            os.link(made, path)  # fails if another process was first: its key is used then
        except FileExistsError:
            pass
        finally:
            made.unlink()
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise InputError(
            "the pseudonym key is damaged",
            file=str(path),
            remedy="Restore it from a backup: it is 64 hex digits",
        )
    return bytes.fromhex(text)


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """HMAC's inner and outer pad (RFC 2104), so that DuckDB can compute all HMACs in one query."""
    block = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def write_subject_keys(home: Home, partition: Partition, inputs: Path) -> Path:
    """Write ``subject_key.parquet``: subject_type, source_id, subject_id of every subject.

    Rows that break a rule get a pseudonym too, as ``record``, and so do their children: such rows
    may be in quarantine, so that the tables do not have them.
    """
    inner, outer = _pads(pseudonym_key(home))
    sources = " union ".join(
        f"select '{subject}' as subject_type, \"{column}\" as source_id "
        f"from read_parquet('{inputs / table}.parquet')"
        for subject, (table, column) in SUBJECT_SOURCES.items()
    )
    sources += f" union {_of_failures(inputs / 'dq_failure.parquet')}"
    target = inputs / "subject_key.parquet"
    with connect() as connection:
        connection.execute("set variable inner_pad = ?::blob", [inner])
        connection.execute("set variable outer_pad = ?::blob", [outer])
        connection.execute("set variable authority = ?", [partition.authority])
        keys = read_sql(_SQL / "subject_keys.sql", sources=sources)
        connection.execute(f"copy ({keys}) to '{target}' (format parquet, compression zstd)")
    target.chmod(0o600)
    return target


def _of_failures(failures: Path) -> str:
    cases = " ".join(
        f"when '{table}' then '{subject}'"
        for subject, (table, column) in SUBJECT_SOURCES.items()
        if contract().table(table).key.name == column
    )
    return read_sql(_SQL / "subjects_of_failures.sql", file=str(failures), cases=cases)
