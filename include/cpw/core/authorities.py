"""The authorities the warehouse knows, from ``seeds/reference/authorities.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cpw.core.paths import seed_rows


@dataclass(frozen=True)
class Authority:
    """An authority the warehouse knows: three-digit DfE code, ONS code, name and short name."""

    code: str
    ons_code: str
    name: str
    short_name: str


@cache
def authorities() -> dict[str, Authority]:
    """The known authorities by three-digit code, from ``seeds/reference/authorities.csv``."""
    return {
        row["authority"]: Authority(
            row["authority"], row["ons_code"], row["name"], row["short_name"]
        )
        for row in seed_rows("authorities")
    }
