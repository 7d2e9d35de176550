"""The generator's own data: the profile it draws from, and the commentary for the demo."""

from __future__ import annotations

from pathlib import Path

PROFILE = Path(__file__).with_name("profile")
COMMENTARY = Path(__file__).with_name("commentary")
