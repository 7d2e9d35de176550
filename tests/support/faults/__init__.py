"""The fault matrix's faults: how a council's monthly extract goes wrong, and which rule says so."""

from support.faults import (  # noqa: F401 (each registers its faults)
    broken_rules,
    dates,
    keys,
    structure,
    typing_errors,
    values,
    whole_extracts,
)
from support.faults.model import FAULTS, Fault

__all__ = ["FAULTS", "Fault"]
