"""SQL in files: each is read once, and filled with the texts that cannot be parameters."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)


def read_sql(path: Path, **parts: str) -> str:
    """The SQL of a file.

    Args:
        path: the file.
        parts: the names of tables and columns, and pieces of SQL, that the file has as
            ``{{ name }}``. Values are no parts: they go to DuckDB as parameters.

    Raises:
        UndefinedError: the file has a part that was not given.
    """
    return _template(path).render(parts)


@cache
def _template(path: Path) -> Template:
    return _ENVIRONMENT.from_string(path.read_text("utf-8"))
