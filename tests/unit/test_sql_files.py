"""SQL of more than five lines is in files, which sqlfluff reads; every such file is in use."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jinja2 import UndefinedError

from cpw.contract.tables import contract
from cpw.core.paths import EXPECTATIONS, PROJECT_ROOT
from cpw.core.sql import read_sql
from cpw.docgen.rule_sql import write_rule_sql, write_topic_sql

INCLUDE = PROJECT_ROOT / "include"
PACKAGE = INCLUDE / "cpw"
LINES = 5
# a text is SQL that begins like a statement
STATEMENT = re.compile(r"\s*\(?(select|with|from|insert|create|copy|delete|update|alter)\s")


def long_sql(source: str) -> list[int]:
    """The first line of each text in Python source that is SQL of more than ``LINES`` lines."""
    tree = ast.parse(source)
    told = {id(text) for text in docstrings(tree)}
    return [
        text.lineno
        for text in ast.walk(tree)
        if isinstance(text, ast.Constant | ast.JoinedStr)
        and id(text) not in told
        and (text.end_lineno or text.lineno) - text.lineno >= LINES
        and STATEMENT.match(beginning(text))
    ]


def docstrings(tree: ast.AST) -> list[ast.expr]:
    bodies = (getattr(node, "body", None) for node in ast.walk(tree))
    firsts = (body[0] for body in bodies if isinstance(body, list) and body)
    return [first.value for first in firsts if isinstance(first, ast.Expr)]


def beginning(text: ast.Constant | ast.JoinedStr) -> str:
    """What a text begins with, before the first part that Python puts in."""
    first = text.values[0] if isinstance(text, ast.JoinedStr) and text.values else text
    value = first.value if isinstance(first, ast.Constant) else ""
    return value if isinstance(value, str) else ""


def names_in(module: Path) -> set[str]:
    """The names of SQL files that a module can read: its texts, with and without the suffix."""
    texts = (
        n.value for n in ast.walk(ast.parse(module.read_text())) if isinstance(n, ast.Constant)
    )
    return {text.removesuffix(".sql") for text in texts if isinstance(text, str)}


def unused_files(package: Path) -> Iterator[Path]:
    """The SQL files that no module beside their folder names; the contract names its tables'."""
    tables = {table.name for table in contract().tables}
    for file in sorted(package.rglob("*.sql")):
        if file.parent.name == "tables":
            used = tables
        else:
            used = set().union(*map(names_in, file.parent.parent.glob("*.py")))
        if file.stem not in used:
            yield file


def test_long_sql_is_in_files():
    found = [
        f"{module.relative_to(PROJECT_ROOT)}:{line}"
        for module in sorted(INCLUDE.rglob("*.py"))
        for line in long_sql(module.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        'run("""\n    select a,\n        b,\n        c\n    from d\n""")',
        'QUERY = (\n    "select a, "\n    "b, "\n    f"{c}, "\n    "d "\n    "e "\n    "from f"\n)',
        'f"""\ncreate table {name} (\n    a integer,\n    b integer,\n    c integer\n)"""',
    ],
)
def test_long_sql_in_python_is_found(text):
    assert long_sql(text)


@pytest.mark.parametrize(
    "text",
    [
        'def f():\n    """\n    select what\n    is\n    wanted\n    here\n    """',
        'run("""\n    select a\n    from b\n    where c\n""")',
        'HEAD = """# Page\n\n\nselect one from these:\n\n\n"""',
    ],
)
def test_docstrings_short_sql_and_prose_are_not_long_sql(text):
    assert not long_sql(text)


def test_every_sql_file_is_loaded():
    assert [str(file) for file in unused_files(PACKAGE)] == []


def test_a_file_that_nobody_loads_is_found(tmp_path):
    (tmp_path / "sql").mkdir()
    for name in ("loaded", "left_over"):
        (tmp_path / "sql" / f"{name}.sql").write_text("select 1")
    (tmp_path / "module.py").write_text('QUERY = FOLDER / "loaded.sql"')
    assert [file.stem for file in unused_files(tmp_path)] == ["left_over"]


def test_the_package_has_its_sql():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["cpw"]
    packed = {file for pattern in patterns for file in PACKAGE.glob(pattern)}
    assert set(PACKAGE.rglob("*.sql")) <= packed


def test_a_part_is_put_in_and_none_may_lack(tmp_path):
    file = tmp_path / "rows.sql"
    file.write_text("select *\nfrom {{ table }}\nwhere month = $month\n")
    assert read_sql(file, table="marts.scorecard") == (
        "select *\nfrom marts.scorecard\nwhere month = $month"
    )
    with pytest.raises(UndefinedError):
        read_sql(file)


def test_the_sql_of_every_rule_is_written_for_sqlfluff(tmp_path):
    list(write_rule_sql(tmp_path))
    for file in EXPECTATIONS.glob("*/*.yml"):
        for rule in (yaml.safe_load(file.read_text()) or {}).get("rules") or []:
            for key in {"rows", "failing_rows", "fails_when"} & set(rule):
                written = (tmp_path / file.parent.name / f"{file.stem}.sql").read_text()
                assert f"{rule['id']}: {key}\n" in written


def test_a_topic_is_asked_of_every_month(tmp_path):
    list(write_topic_sql(tmp_path))
    written = [file.read_text() for file in tmp_path.glob("*.sql")]
    assert written
    assert not any("$here" in text for text in written)
