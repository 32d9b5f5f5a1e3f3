"""The rows of Parquet files as CSV, for counting the instructions of an ingest in one process."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq


def write_rows(files: list[Path], output: BinaryIO) -> None:
    """Writes all rows as one CSV. "-" stands for no element."""
    for number, file in enumerate(files):
        rows = pq.read_table(file, partitioning=None)
        element = pc.if_else(pc.equal(rows["element"], "-"), "", rows["element"])
        time = pc.strftime(rows["ts"], format="%Y-%m-%dT%H:%M:%SZ")
        rows = rows.set_column(rows.schema.get_field_index("element"), "element", element)
        rows = rows.set_column(rows.schema.get_field_index("ts"), "ts", time)
        csv.write_csv(rows, output, csv.WriteOptions(include_header=number == 0))
