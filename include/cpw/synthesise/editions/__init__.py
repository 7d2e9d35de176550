"""Calibrated extracts: one set of lives whose loads show a printed scorecard, to the digit."""

from cpw.synthesise.editions.generate import synthesise_edition
from cpw.synthesise.editions.targets import AUTHORITY

__all__ = ["AUTHORITY", "synthesise_edition"]
