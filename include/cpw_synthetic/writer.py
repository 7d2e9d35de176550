"""Write an extract in landing layout, each file whole or not at all."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from cpw.core.partition import FEEDS, Partition
from cpw_synthetic.extract import SyntheticExtract, csv_line

MANIFEST = "manifest.csv"


def write_extract(extract: SyntheticExtract, partition: Partition, out: Path) -> list[Path]:
    """Write every table of every feed, and each feed's manifest last.

    Returns:
        The files written, manifests included.
    """
    written: list[Path] = []
    for feed in FEEDS:
        folder = out / partition.authority / str(partition.month) / feed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        manifest: list[str] = []
        for table in extract.contract.feed_tables(feed):
            rows = sorted(extract.rows[table.name])
            content = _csv(table.column_names, rows)
            path = folder / f"{table.name}.csv"
            _replace(path, content)
            manifest.append(csv_line([path.name, str(len(rows)), sha256(content).hexdigest()]))
            written.append(path)
        _replace(folder / MANIFEST, _csv(("file", "rows", "sha256"), manifest))
        written.append(folder / MANIFEST)
    return written


def _csv(header: tuple[str, ...], lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in (",".join(header), *lines)).encode()


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_bytes(content)
    beside.replace(path)
