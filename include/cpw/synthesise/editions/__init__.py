"""Calibrated extracts: one set of lives whose loads show a printed scorecard, to the digit."""

from cpw.synthesise.editions.generate import synthesise_edition

__all__ = ["synthesise_edition"]
