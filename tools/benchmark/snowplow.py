"""The peers' ingest of Snowplow's enriched TSV: the columns and JSON values that Grandstand takes, into each peer's own form.

They only read: bots, duplicates, dwell of pings and rows without a user, which Grandstand settles as well, are left to a later
step. A broken row may be dropped; nothing is said of why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

COLUMN_COUNT = 131

TIME = "time"
"""Parsed as a time, unlike the other columns."""

COLUMNS = {
    TIME: 3, "derived_time": 124, "event_id": 6, "login": 12, "user_id": 15, "session": 17, "country": 18, "region": 24,
    "referrer": 39, "host": 33, "event": 126, "user_agent": 77, "os": 98, "device": 101, "language": 83,
}  # fmt: skip
"""Columns that are taken as they are: name and place, counted from 0."""

CONTEXTS = 52
UNSTRUCTURED = 58
ARTICLE = {"article": "id", "section": "section", "authors": "authors", "tags": "tags"}
"""Values of the article, the second of the contexts, and their keys."""

PAGE_VIEW = "page_view_id"
"""The id of the page view: the first of the contexts."""

Reader = Callable[[], Callable[[], int]]
"""Reads everything, and returns how to count the rows."""


def duckdb_reader(source: Path, target: Path, threads: int, memory_bytes: int) -> Reader:
    """DuckDB to Parquet files."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        f"SET threads = {threads}; SET preserve_insertion_order = false; SET memory_limit = '{memory_bytes // 2**20} MiB'"
    )
    types = json.dumps({f"c{number}": "VARCHAR" for number in range(COLUMN_COUNT)}).replace('"', "'")
    plain = ", ".join(
        f"try_cast(c{place} AS TIMESTAMP) AS {name}" if name == TIME else f"c{place} AS {name}"
        for name, place in COLUMNS.items()
    )
    paths = ["$.data[0].data.id"] + [f"$.data[1].data.{key}" for key in ARTICLE.values()]
    values = ", ".join(f"v[{place}] AS {name}" for place, name in enumerate([PAGE_VIEW, *ARTICLE], 1))
    query = (
        f"SELECT {plain}, {values}, TRY(json_extract_string(nullif(c{UNSTRUCTURED}, ''), '$.data.data.elementId')) AS element "
        f"FROM (SELECT *, TRY(json_extract_string(nullif(c{CONTEXTS}, ''), {paths})) AS v FROM read_csv('{source}/**/*.gz', "
        f"delim = '\t', quote = '', escape = '', header = false, auto_detect = false, columns = {types}, "
        "nullstr = '\\x', max_line_size = 1000000, ignore_errors = true))"
    )

    def read() -> Callable[[], int]:
        connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, PER_THREAD_OUTPUT)")
        return lambda: connection.execute(f"SELECT count(*) FROM '{target}/*.parquet'").fetchall()[0][0]

    return read


def clickhouse_reader(source: Path, target: Path, threads: int, memory_bytes: int) -> Reader:
    """ClickHouse to a MergeTree table, sorted by user and time."""
    from chdb import session

    clickhouse = session.Session(str(target))

    def execute(query: str) -> str:
        return str(clickhouse.query(query, "TabSeparated")).strip()

    code, codes = "LowCardinality(String)", "Array(LowCardinality(String))"
    types = dict.fromkeys(COLUMNS, "String") | dict.fromkeys(("country", "region", "host", "event", "os", "device"), code)
    types |= {TIME: "DateTime64(3)", "user_id": "UUID", PAGE_VIEW: "String"}
    types |= {"article": code, "section": code, "authors": codes, "tags": codes, "element": code}
    execute("CREATE DATABASE bench ENGINE = Atomic")
    schema = ", ".join(f"{name} {kind}" for name, kind in types.items())
    execute(f"CREATE TABLE bench.events ({schema}) ENGINE = MergeTree ORDER BY (user_id, time)")
    columns = ", ".join(f"c{number} String" for number in range(COLUMN_COUNT))
    parsed = {TIME: "parseDateTime64BestEffortOrZero", "user_id": "toUUIDOrZero"}
    plain = ", ".join(f"{parsed.get(name, '')}(c{place}) AS {name}" for name, place in COLUMNS.items())
    values = ", ".join(f"a.{place} AS {name}" for place, name in enumerate(ARTICLE, 1))
    article = "Tuple(id String, section String, authors Array(String), tags Array(String))"
    query = (
        f"INSERT INTO bench.events WITH JSONExtract(c{CONTEXTS}, 'data', 2, 'data', '{article}') AS a "
        f"SELECT {plain}, JSONExtractString(c{CONTEXTS}, 'data', 1, 'data', 'id') AS {PAGE_VIEW}, {values}, "
        f"JSONExtractString(c{UNSTRUCTURED}, 'data', 'data', 'elementId') AS element "
        f"FROM file('{source}/**/*.gz', 'TSVRaw', '{columns}', 'gzip') SETTINGS max_threads = {threads}, "
        f"max_insert_threads = {threads}, max_memory_usage = {memory_bytes}, "
        "input_format_allow_errors_ratio = 0.01, input_format_tsv_allow_variable_number_of_columns = 1"
    )

    def read() -> Callable[[], int]:
        execute(query)
        return lambda: int(execute("SELECT count() FROM bench.events"))

    return read


def polars_reader(source: Path, target: Path, threads: int, memory_bytes: int) -> Reader:
    """Polars to a Parquet file. The number of threads is an environment variable; there is no limit of memory."""
    import polars as pl

    schema = {f"c{number}": pl.String for number in range(COLUMN_COUNT)}
    rows = pl.scan_csv(
        f"{source}/**/*.gz", separator="\t", has_header=False, quote_char=None, schema=schema, truncate_ragged_lines=True,
        encoding="utf8-lossy",
    )  # fmt: skip
    text = pl.List(pl.String)
    entity = pl.Struct({"id": pl.String, "section": pl.String, "authors": text, "tags": text})
    contexts = pl.Struct({"data": pl.List(pl.Struct({"data": entity}))})
    click = pl.Struct({"data": pl.Struct({"data": pl.Struct({"elementId": pl.String})})})
    columns = [pl.col(f"c{place}").alias(name) for name, place in COLUMNS.items() if name != TIME]
    columns += [pl.col(f"c{COLUMNS[TIME]}").str.to_datetime("%Y-%m-%d %H:%M:%S%.3f", strict=False).alias(TIME)]

    # Parsed once into what is wanted: a path at a time takes twice as long. A broken value would end everything.
    def parsed(column: int, end: str, kind: pl.Struct) -> pl.Expr:
        value = pl.col(f"c{column}")
        return pl.when(value.str.ends_with(end)).then(value).str.json_decode(kind)

    entities = pl.col("contexts").struct.field("data").list

    def value(place: int, key: str) -> pl.Expr:
        return entities.get(place, null_on_oob=True).struct.field("data").struct.field(key)

    element = pl.col("click").struct.field("data").struct.field("data").struct.field("elementId")
    decoded = rows.select(
        *columns,
        parsed(CONTEXTS, "]}", contexts).alias("contexts"),
        parsed(UNSTRUCTURED, "}}}", click).alias("click"),
    )
    wanted = decoded.with_columns(
        value(0, "id").alias(PAGE_VIEW), *[value(1, key).alias(name) for name, key in ARTICLE.items()], element.alias("element")
    ).drop("contexts", "click")

    def read() -> Callable[[], int]:
        wanted.sink_parquet(target / "events.parquet", compression="zstd")
        return lambda: pl.scan_parquet(target / "events.parquet").select(pl.len()).collect().item()

    return read


READERS = {"polars": polars_reader, "duckdb": duckdb_reader, "clickhouse": clickhouse_reader}
