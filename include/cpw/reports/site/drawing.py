"""Charts to draw, and the processes that draw them.

The charting library draws one chart at a time in a process, and takes a second to import: it is
imported only where charts are drawn, in :mod:`cpw.reports.site.charts`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from subprocess import PIPE, Popen
from typing import Any

Rows = Sequence[Mapping[str, Any]]
_DRAWS = "cpw.reports.site.charts"


@dataclass(frozen=True)
class Chart:
    """A chart to draw: its kind, and the rows of each of the kind's datasets."""

    kind: str
    datasets: Mapping[str, Rows]


class Drawing:
    """Charts being drawn in a process of their own."""

    def __init__(self, charts: Iterable[Chart]) -> None:
        """Begin to draw; to be closed, or asked for its result."""
        plain = [{"kind": chart.kind, "datasets": dict(chart.datasets)} for chart in charts]
        self._process = Popen([sys.executable, "-m", _DRAWS], stdin=PIPE, stdout=PIPE, text=True)
        self._thread = ThreadPoolExecutor(1)
        self._answer = self._thread.submit(self._process.communicate, json.dumps(plain))

    def result(self) -> list[str]:
        """The SVG elements, once all are drawn.

        Raises:
            ChartError: the process failed.
        """
        answer, _ = self._answer.result()
        if self._process.returncode:
            raise ChartError(f"drawing charts ended with {self._process.returncode}")
        svgs: list[str] = json.loads(answer)
        return svgs

    def close(self) -> None:
        """Stop drawing, if it goes on still."""
        self._process.kill()
        self._thread.shutdown()


class ChartError(RuntimeError):
    """Charts could not be drawn."""
