"""The folders of the tests' data."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

GOLDEN = TESTS / "golden"
"""The printed scorecards, cell by cell."""

RULE_EXAMPLES = TESTS / "rule_examples"
"""Good and bad rows of every rule."""

RULES_OF_RETURNS = TESTS / "rules_of_returns.yml"
"""The rules written for extracts that a statutory return answers too."""

SAMPLES = TESTS / "samples"
"""The sector's sample of an SSDA903 return, as CSV files and as XML."""
