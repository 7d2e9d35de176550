"""Calibrated extracts: one set of lives whose loads show a printed scorecard, to the digit."""

from cpw_synthetic.editions.generate import synthesise_edition
from cpw_synthetic.editions.targets import AUTHORITY

__all__ = ["AUTHORITY", "synthesise_edition"]
