"""Solve the programmes of all editions anew, and keep the solutions.

python -m cpw_synthetic.editions.keep_solutions
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from cpw.core.editions import editions
from cpw_synthetic.editions import solutions
from cpw_synthetic.editions.generate import synthesise_edition


def keep_solutions() -> None:
    """Write ``solutions.json`` anew, from extracts of every edition."""
    solutions.forget_kept()
    for edition in editions():
        with TemporaryDirectory() as folder:
            synthesise_edition(edition, out=Path(folder))
    solutions.write_found()


if __name__ == "__main__":
    keep_solutions()
