"""Text in a form that a workbook's cell accepts."""

from __future__ import annotations

import re

_LIMIT = 32_000  # Excel allows 32,767 characters in a cell
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def cell_text(text: str) -> str:
    """The text without control characters, and cut where a cell would be full."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _NOT_XML.sub(_REPLACEMENT, lines)
    if len(clean) <= _LIMIT:
        return clean
    return f"{clean[:_LIMIT]}… ({len(clean):,} characters)"
