"""Pupil numbers of an SSDA903 return: compared while it is read, and written nowhere."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.ingest.returns.reading import read_return
from cpw.pipeline.gate_return import gate_return
from support.ssda903.small_returns import two_children, write_csv, write_xml

MARCH = Partition.of("886", "2018-03", "ssda903")


def everything_in(folder: Path) -> str:
    """All that stands in the files of a folder, the cells of Parquet files among them."""
    texts = []
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            with duckdb.connect() as connection:
                texts.append(str(connection.execute(f"from '{path}'").fetchall()))
        elif path.is_file():
            texts.append(path.read_bytes().decode(errors="replace"))
    return "\n".join(texts)


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_no_pupil_number_is_written_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    content = two_children()
    content["header"][1] |= {"UPN": "A123456789012", "SEX": "9"}  # quarantined with its cells
    path = tmp_path / "return.xml"
    given = write_csv(tmp_path / "csv", content) if form == "csv" else write_xml(path, content)
    found = read_return(given, 2018, tmp_path / "home" / "read")
    gate_return(Home.from_environment(), MARCH, found, tmp_path / "home" / "read", 1)
    written = everything_in(tmp_path / "home")
    assert "1002" in written, "the scan must find what is there"
    assert "123456789012" not in written
