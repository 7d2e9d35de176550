"""Synthetic children: whole extracts of an authority and month, in landing layout.

No row stems from a person. A seed and a number of children fix one *world* of lives; an extract
is a cut of it, so that two months of one world agree with each other.
"""

from cpw_synthetic.folders import COMMENTARY, PROFILE
from cpw_synthetic.generate import synthesise

__all__ = ["COMMENTARY", "PROFILE", "synthesise"]
