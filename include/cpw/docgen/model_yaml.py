"""The YAML beside a model as dbt understands it: with the texts of its ``doc`` blocks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from cpw.core.errors import InputError
from cpw.core.paths import DBT_PROJECT, read_yaml

_BLOCK = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
_REFERENCE = re.compile(r"""{{\s*doc\(\s*['"](\w+)['"]\s*\)\s*}}""")


@cache
def doc_blocks(models: Path = DBT_PROJECT / "models") -> dict[str, str]:
    """The text of each ``docs`` block in a Markdown file below the models, by name."""
    return {
        name: " ".join(text.split())
        for path in sorted(models.rglob("*.md"))
        for name, text in _BLOCK.findall(path.read_text(encoding="utf-8"))
    }


def read_model_yaml(path: Path, blocks: dict[str, str] | None = None) -> dict[str, Any]:
    """The content of a model's YAML file.

    Args:
        path: the file.
        blocks: the texts that ``doc`` names; those of the project unless given.

    Raises:
        InputError: a description names a block that no file has.
        OSError: there is no such file.
    """
    known = doc_blocks() if blocks is None else blocks
    content: dict[str, Any] = read_yaml(path)
    for model in content.get("models", []):
        for described in (model, *model.get("columns", [])):
            if "description" in described:
                described["description"] = _resolved(described["description"], known, path)
    return content


def _resolved(text: str, blocks: dict[str, str], path: Path) -> str:
    for name in _REFERENCE.findall(text):
        if name not in blocks:
            raise InputError(
                f"a description names the doc block {name}, which no file has",
                file=str(path),
                remedy="Write the block in a file of dbt_project/models/docs, or mend its name",
            )
    return _REFERENCE.sub(lambda reference: blocks[reference[1]], text)
