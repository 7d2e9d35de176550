"""The data-quality report of a month: what stopped it or let it through, and whose job is what."""

from cpw.quality.report.page import write

__all__ = ["write"]
