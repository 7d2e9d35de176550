"""Calibrated extracts: synthetic children with exactly the figures of a printed scorecard."""

from cpw_synthetic.editions.generate import synthesise_edition
from cpw_synthetic.editions.targets import AUTHORITY

__all__ = ["AUTHORITY", "synthesise_edition"]
