"""What the docs and the DAG pages show works: links, partition keys and commands."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from cpw.cli.app import app
from cpw.core.partition import Partition
from cpw.core.paths import PROJECT_ROOT

DAG_FILES = sorted((PROJECT_ROOT / "dags").glob("*.py"))
PAGES = [
    PROJECT_ROOT / "README.md",
    PROJECT_ROOT / "CHANGELOG.md",
    *sorted((PROJECT_ROOT / "docs").rglob("*.md")),
]
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_KEY = re.compile(r"`(\d{3}\W\d{4}-\d{2}|\d{3}_\d{4}-\d{2})`")
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`((?:\.venv/bin/)?cpw [^`]+|make [a-z-]+)`")


def _doc_md(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _texts() -> dict[str, str]:
    pages = {str(p.relative_to(PROJECT_ROOT)): p.read_text(encoding="utf-8") for p in PAGES}
    return pages | {str(p.relative_to(PROJECT_ROOT)): _doc_md(p) for p in DAG_FILES}


def _lines_of_blocks() -> Iterator[tuple[str, str]]:
    """Every command of a shell block that is ours, with its page."""
    for page, text in _texts().items():
        for block in _BLOCK.findall(text):
            joined = block.replace("\\\n", " ")
            for line in joined.splitlines():
                command = line.split("#")[0].strip()
                if re.match(r"(\.venv/bin/cpw|cpw|make) ", command):
                    yield page, command


def _inline() -> Iterator[tuple[str, str]]:
    for page, text in _texts().items():
        for command in _INLINE.findall(" ".join(text.split())):
            yield page, command


def _targets() -> set[str]:
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def _resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left of them."""
    command, rest = typer.main.get_command(app), words
    while isinstance(command, TyperGroup) and rest:
        if command.invoke_without_command and rest[0].startswith("-"):
            break  # options of the group, which is a command by itself
        found = command.commands.get(rest[0])
        assert found is not None, f"there is no command {rest[0]}"
        command, rest = found, rest[1:]
    return command, rest


def _check_whole(command: str) -> None:
    """A command of a shell block must parse: every argument there, no option unknown."""
    program, *words = shlex.split(command)
    if program == "make":
        assert set(words) <= _targets(), command
        return
    found, rest = _resolve(words)
    found.make_context(found.name, list(rest))


def _check_named(command: str) -> None:
    """A command within a sentence may leave arguments out; what it names must be there."""
    program, *words = command.split()
    if program == "make":
        assert words[0] in _targets(), command
        return
    named = []
    for word in words:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", word):
            break
        named.append(word)
    found, _ = _resolve(named[: 2 if named[:1] == ["quarantine"] else 1])
    options = {name for parameter in found.params for name in parameter.opts}
    used = set(re.findall(r"(?<![\w-])--[a-z0-9-]+", command))
    assert used <= options, f"{command}: {sorted(used - options)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [t for t in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.stem)
def test_every_partition_key_of_a_dag_page_is_one(path: Path) -> None:
    keys = _KEY.findall(_doc_md(path))
    assert keys, "the page shows no example of a partition key"
    for key in keys:
        assert str(Partition.parse(key)) == key


def test_every_command_of_a_shell_block_parses() -> None:
    commands = list(_lines_of_blocks())
    assert len(commands) > 15
    for page, command in commands:
        try:
            _check_whole(command)
        except Exception as error:  # whatever the parser raises
            pytest.fail(f"{page}: {command}: {error}")


def test_every_command_in_a_sentence_is_there() -> None:
    commands = list(_inline())
    assert len(commands) > 20
    for page, command in commands:
        try:
            _check_named(command)
        except AssertionError as error:
            pytest.fail(f"{page}: {command}: {error}")


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("cpw lode --authority 886 --month 2018-06", "no command lode"),
        ("cpw load --authority 886 --moth 2018-06", "--moth"),
        ("cpw load --authority 886", "month"),
        ("make demoo", "demoo"),
    ],
)
def test_a_command_that_does_not_work_is_found(command: str, wrong: str) -> None:
    with pytest.raises(Exception, match=re.escape(wrong)):
        _check_whole(command)


@pytest.mark.parametrize("key", ["886_2018-06", "886-2018-06", "999/2018-06"])
def test_a_key_that_is_none_is_found(key: str) -> None:
    assert _KEY.findall(f"its key is `{key}`") == [key]
    with pytest.raises(Exception, match=r"not known|not a reporting month"):
        Partition.parse(key)
