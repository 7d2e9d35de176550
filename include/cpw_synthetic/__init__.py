"""Synthetic children: complete extracts of an authority and month, in the landing zone's layout.

No row comes from a real person. A seed and a number of children determine one *world* of lives. An
extract shows what is known of that world on a day, so that two months of one world are consistent.
"""

from cpw_synthetic.folders import COMMENTARY, PROFILE
from cpw_synthetic.generate import synthesise

__all__ = ["COMMENTARY", "PROFILE", "synthesise"]
