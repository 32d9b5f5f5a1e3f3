"""The peers: each answers a set of rules with the number of users of each, in its best way that we know.

A query's result is materialised, a list of users or a row a user with a column a rule, as Grandstand keeps its members.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .dataset import STRINGS, Dataset
from .rules import RuleSet
from .sql import ClickHouse, Compiler, DuckDB

RULES_IN_A_PASS = 100
"""More columns a user than this do not fit in memory, or are slower than another pass."""

COLUMNS = "user_id ts event article section author tag device brand consent variant dwell_ms element".split()
TEXTS = {"event", "article", "section", "author", "tag", "device", "brand", "variant", "element"}


@dataclass(frozen=True)
class Settings:
    """What a peer works with."""

    dataset: Dataset
    variant: str
    threads: int
    memory_bytes: int
    scratch: Path


class Engine(Protocol):
    """A peer that is ready to answer."""

    def sizes_one_by_one(self, rule_set: RuleSet) -> dict[str, int]:
        """A query a rule."""

    def sizes_in_one_pass(self, rule_set: RuleSet) -> dict[str, int]:
        """One query for all."""


class PolarsEngine:
    """Polars' streaming engine on Parquet. The number of threads is an environment variable, set before it is imported."""

    def __init__(self, settings: Settings) -> None:
        from .frames import FrameCompiler

        self.settings, self.compiler = settings, FrameCompiler

    def sizes_one_by_one(self, rule_set: RuleSet) -> dict[str, int]:
        compiler = self.compiler(self.settings.dataset, self.settings.variant, rule_set.as_of)
        return {rule.name: compiler.users_of(rule).collect(engine="streaming").height for rule in rule_set.rules}

    def sizes_in_one_pass(self, rule_set: RuleSet) -> dict[str, int]:
        compiler = self.compiler(self.settings.dataset, self.settings.variant, rule_set.as_of)
        members = compiler.memberships(rule_set).collect(engine="streaming").drop("user_id")
        return {name: int(size or 0) for name, size in members.sum().row(0, named=True).items()}


class DuckDBEngine:
    """DuckDB on Parquet."""

    def __init__(self, settings: Settings) -> None:
        import duckdb

        self.settings = settings
        self.connection = duckdb.connect()
        self.connection.execute(
            f"SET threads = {settings.threads}; SET memory_limit = '{settings.memory_bytes // 2**20} MiB'; "
            f"SET temp_directory = '{settings.scratch}/duckdb'; SET preserve_insertion_order = false"
        )
        files = f"{settings.dataset.variant_folder(settings.variant)}/*/*.parquet"
        self.source = f"read_parquet('{files}', hive_partitioning = true)"

    def sizes_one_by_one(self, rule_set: RuleSet) -> dict[str, int]:
        sizes = {}
        for rule in rule_set.rules:
            self._materialise(self._compiler(rule_set).users_of(rule))
            sizes[rule.name] = self.connection.execute("SELECT count(*) FROM members").fetchall()[0][0]
        return sizes

    def sizes_in_one_pass(self, rule_set: RuleSet) -> dict[str, int]:
        self._materialise(self._compiler(rule_set).memberships(rule_set))
        counts = ", ".join(f"count(*) FILTER (WHERE {rule.name})" for rule in rule_set.rules)
        row = self.connection.execute(f"SELECT {counts} FROM members").fetchall()[0]
        return dict(zip([rule.name for rule in rule_set.rules], row))

    def _compiler(self, rule_set: RuleSet) -> Compiler:
        return Compiler(DuckDB(), self.settings.dataset, self.settings.variant, self.source, rule_set.as_of)

    def _materialise(self, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE members AS {query}")


class ClickHouseEngine:
    """ClickHouse in this process (chDB), on Parquet or on a MergeTree table of its own."""

    def __init__(self, settings: Settings, native: bool) -> None:
        from chdb import session

        self.settings = settings
        folder = native_folder(settings.scratch, settings.variant)
        self.session = session.Session(str(folder)) if native else session.Session()
        self.execute("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
        files = f"{settings.dataset.variant_folder(settings.variant)}/*/*.parquet"
        self.parquet = f"file('{files}', Parquet)"
        self.source = "bench.events" if native else self.parquet
        self.dialect: ClickHouse = ClickHouse()

    def sizes_one_by_one(self, rule_set: RuleSet) -> dict[str, int]:
        sizes = {}
        for rule in rule_set.rules:
            self._materialise(self._compiler(rule_set).users_of(rule))
            sizes[rule.name] = int(self.execute("SELECT count() FROM bench.members"))
        return sizes

    def sizes_in_one_pass(self, rule_set: RuleSet) -> dict[str, int]:
        return self.sizes_of_query(self._compiler(rule_set).memberships(rule_set), rule_set)

    def sizes_of_query(self, query: str, rule_set: RuleSet) -> dict[str, int]:
        """The sizes of the rules whose members a query gives, a column a rule."""
        self._materialise(query)
        counts = ", ".join(f"countIf({rule.name})" for rule in rule_set.rules)
        row = json.loads(self.execute(f"SELECT {counts} FROM bench.members", "JSONCompactEachRow"))
        return {rule.name: int(size) for rule, size in zip(rule_set.rules, row)}

    def _compiler(self, rule_set: RuleSet) -> Compiler:
        return Compiler(self.dialect, self.settings.dataset, self.settings.variant, self.source, rule_set.as_of)

    def _materialise(self, query: str) -> None:
        self.execute("DROP TABLE IF EXISTS bench.members")
        self.execute(f"CREATE TABLE bench.members ENGINE = Memory AS {query}{self.options()}")

    def options(self, **more: object) -> str:
        """The settings of a query."""
        limit = self.settings.memory_bytes
        chosen = {
            "max_threads": self.settings.threads,
            "max_memory_usage": limit,
            "max_bytes_before_external_group_by": limit // 5 * 3,
            "max_bytes_ratio_before_external_group_by": 0,
            "use_hive_partitioning": 1,
            "schema_inference_make_columns_nullable": 0,
            "max_ast_elements": 1_000_000,
            "max_expanded_ast_elements": 1_000_000,
            "max_query_size": 10_000_000,
        } | more
        return " SETTINGS " + ", ".join(f"{name} = {value}" for name, value in chosen.items())

    def execute(self, query: str, form: str = "TabSeparated") -> str:
        """What a query prints."""
        return str(self.session.query(query, form)).strip()

    def load(self) -> None:
        """Fills the MergeTree table with all days: sorted by user and time, a partition a day, texts as codes."""
        if self.execute("EXISTS TABLE bench.events") == "1":
            self.execute("DROP TABLE bench.events SYNC")
        self.execute(
            f"CREATE TABLE bench.events ({self._schema()}) ENGINE = MergeTree PARTITION BY dt ORDER BY (user_id, ts)"
        )
        for day in self.settings.dataset.days:
            self.insert_day(self.settings.dataset.day_file(self.settings.variant, day), str(day))
        self.execute("OPTIMIZE TABLE bench.events FINAL")

    def insert_day(self, file: Path, day: str) -> None:
        """Adds a day's Parquet file to the MergeTree table."""
        self.execute(
            f"INSERT INTO bench.events SELECT {', '.join(COLUMNS)}, toDate('{day}') FROM file('{file}', Parquet)"
            + self.options(max_insert_threads=self.settings.threads)
        )

    def _schema(self) -> str:
        if self.settings.variant == STRINGS:
            types = dict.fromkeys(TEXTS, "LowCardinality(String)") | {"user_id": "UUID"}
        else:
            types = dict.fromkeys(TEXTS, "UInt8") | dict.fromkeys(("article", "author", "tag", "element"), "UInt16")
            types |= {"user_id": "UInt32"}
        types |= {"ts": "DateTime64(3)", "consent": "Bool", "dwell_ms": "UInt32"}
        return ", ".join(f"{name} {types[name]}" for name in COLUMNS) + ", dt Date"


def native_folder(scratch: Path, variant: str) -> Path:
    """Where ClickHouse keeps its own tables."""
    return scratch / f"clickhouse-{variant}"


def engine(name: str, settings: Settings) -> Engine:
    """A peer by its name."""
    if name == "polars":
        return PolarsEngine(settings)
    if name == "duckdb":
        return DuckDBEngine(settings)
    return ClickHouseEngine(settings, native=name == "clickhouse-native")
