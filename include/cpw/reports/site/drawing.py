"""Charts to draw, and the processes that draw them.

The charting library draws one chart at a time in each process and takes a second to import. It is
only imported by the processes that draw, in :mod:`cpw.reports.site.charts`.
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
    """A chart to draw: its kind, and the rows for each dataset of that kind."""

    kind: str
    datasets: Mapping[str, Rows]


class Drawing:
    """Charts that a process of their own is drawing."""

    def __init__(self, charts: Iterable[Chart]) -> None:
        """Start to draw; call :meth:`result` or :meth:`close` afterwards."""
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
            raise ChartError(
                f"the process that draws charts ended with code {self._process.returncode}"
            )
        svgs: list[str] = json.loads(answer)
        return svgs

    def close(self) -> None:
        """Stop drawing, if it has not ended."""
        self._process.kill()
        self._thread.shutdown()


class ChartError(RuntimeError):
    """Charts could not be drawn."""
