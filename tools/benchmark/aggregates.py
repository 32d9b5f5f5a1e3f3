"""Three ways in which ClickHouse can have a night's rules: from all events, or from what it keeps of each day.

Each day is taken in once, its aggregates with it, and the rules are answered from the aggregates of their windows. All
ways give the same members as a scan of all events.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Protocol

from .engines import ClickHouseEngine, Settings
from .rules import Metric, RuleSet
from .sql import ClickHouse, Compiler


class Keeper(Protocol):
    """A way to be ready for the rules of a night."""

    def prepare(self) -> None:
        """Aggregates what is in the table of events."""

    def forget(self, day: str) -> None:
        """Takes a day out again, so that a night can be repeated."""

    def add(self, file: Path, day: str) -> None:
        """Takes a day in."""

    def sizes(self) -> dict[str, int]:
        """The number of users of each rule."""


class AllEvents:
    """Keeps the events only."""

    tables = ("events",)

    def __init__(self, settings: Settings, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.clickhouse = ClickHouseEngine(settings, native=True)

    def prepare(self) -> None:
        """Nothing: the events are there."""

    def forget(self, day: str) -> None:
        for table in self.tables:
            self.clickhouse.execute(f"ALTER TABLE bench.{table} DROP PARTITION '{day}'")

    def add(self, file: Path, day: str) -> None:
        self.clickhouse.insert_day(file, day)

    def sizes(self) -> dict[str, int]:
        return self.clickhouse.sizes_in_one_pass(self.rule_set)


class _Aggregated(AllEvents):
    """Keeps a table of aggregates beside the events, a partition a day."""

    table: str

    def prepare(self) -> None:
        self.clickhouse.execute(f"DROP TABLE IF EXISTS bench.{self.table} SYNC")
        self.clickhouse.execute(
            f"CREATE TABLE bench.{self.table} ({self.schema()}) ENGINE = MergeTree PARTITION BY dt ORDER BY user_id"
        )
        for day in self.clickhouse.settings.dataset.days:
            self._aggregate(str(day))

    def add(self, file: Path, day: str) -> None:
        super().add(file, day)
        self._aggregate(day)

    def _aggregate(self, day: str) -> None:
        query = f"{self.aggregation()} WHERE dt = '{day}' GROUP BY {self.keys()}"
        self.clickhouse.execute(f"INSERT INTO bench.{self.table} {query}{self.clickhouse.options()}")

    def schema(self) -> str:
        """The columns of the table."""
        raise NotImplementedError

    def aggregation(self) -> str:
        """The query that fills it, up to its conditions."""
        raise NotImplementedError

    def keys(self) -> str:
        """What it is grouped by."""
        raise NotImplementedError


class _WeightedClickHouse(ClickHouse):
    """Counts events of which a row has several."""

    def aggregate(self, measure: str, when: str, first_day: datetime.date) -> str:
        if measure == "count":
            return f"sumIf(n, {when})"
        return super().aggregate(measure, when, first_day)


class ByDimension(_Aggregated):
    """Keeps counts and dwell by user, day and every value that rules may name: any rule can be asked later. A row remains for
    each article that a user viewed on a day, since distinct articles of several days are no sum."""

    table = "daily_values"
    tables = ("events", "daily_values")
    FIELDS = {"article": "page_view", "author": "page_view", "tag": "page_view", "device": "page_view", "element": "link_click"}

    def schema(self) -> str:
        texts = ", ".join(f"{field} LowCardinality(String)" for field in ("event", "section", *self.FIELDS))
        return f"user_id UUID, dt Date, {texts}, n UInt32, dwell_ms UInt64"

    def aggregation(self) -> str:
        kept = ", ".join(f"if(e.event = '{event}', e.{field}, '') AS {field}" for field, event in self.FIELDS.items())
        return f"SELECT user_id, dt, event, section, {kept}, count() AS n, sum(e.dwell_ms) AS dwell_ms FROM bench.events AS e"

    def keys(self) -> str:
        return f"user_id, dt, event, section, {', '.join(self.FIELDS)}"

    def sizes(self) -> dict[str, int]:
        self.clickhouse.source, self.clickhouse.dialect = f"bench.{self.table}", _WeightedClickHouse()
        return super().sizes()


class ByRule(_Aggregated):
    """Keeps a column for each thing that the rules of today measure, by user and day: the least to read at night. A new or
    changed rule has to be aggregated for all days before it can be asked."""

    table = "daily_measures"
    tables = ("events", "daily_measures")
    TYPES = {"count": "UInt32", "dwell": "UInt64", "articles": "Array(LowCardinality(String))"}

    def __init__(self, settings: Settings, rule_set: RuleSet) -> None:
        super().__init__(settings, rule_set)
        wanted = dict.fromkeys((self._kept(metric), metric.filter) for metric in rule_set.metrics)
        self.columns = {key: f"k{number}" for number, key in enumerate(wanted)}
        self.compiler = Compiler(
            ClickHouse(), settings.dataset, settings.variant, "bench.events", rule_set.as_of
        )

    @staticmethod
    def _kept(metric: Metric) -> str:
        # A day counts if there is an event on it.
        return "count" if metric.measure == "days" else metric.measure

    def schema(self) -> str:
        columns = ", ".join(f"{column} {self.TYPES[measure]}" for (measure, _), column in self.columns.items())
        return f"user_id UUID, dt Date, {columns}"

    def aggregation(self) -> str:
        columns = []
        for (measure, wanted), column in self.columns.items():
            when = " AND ".join(self.compiler.tests_of_values(wanted))
            function = {
                "count": f"countIf({when})",
                "dwell": f"sumIf(e.dwell_ms, {when})",
                "articles": f"groupUniqArrayIf(e.article, {when})",
            }[measure]
            columns.append(f"{function} AS {column}")
        return f"SELECT user_id, dt, {', '.join(columns)} FROM bench.events AS e"

    def keys(self) -> str:
        return "user_id, dt"

    def sizes(self) -> dict[str, int]:
        columns = self.rule_set.metrics
        measured = ", ".join(f"{self._merged(metric)} AS {column}" for metric, column in columns.items())
        verdicts = ", ".join(
            f"{self.compiler.condition(rule.expression, columns)} AS {rule.name}" for rule in self.rule_set.rules
        )
        inner = (
            f"SELECT user_id, {measured} FROM bench.{self.table} WHERE dt >= '{self.rule_set.since}' GROUP BY user_id"
        )
        return self.clickhouse.sizes_of_query(f"SELECT user_id, {verdicts} FROM ({inner}) AS measured", self.rule_set)

    def _merged(self, metric: Metric) -> str:
        column = self.columns[self._kept(metric), metric.filter]
        since = f"dt >= '{metric.since(self.rule_set.as_of)}'"
        return {
            "count": f"sumIf({column}, {since})",
            "dwell": f"sumIf({column}, {since})",
            "days": f"countIf({column} > 0 AND {since})",
            "articles": f"uniqExactArrayIf({column}, {since})",
        }[metric.measure]


WAYS = {"all-events": AllEvents, "by-dimension": ByDimension, "by-rule": ByRule}


def keeper(way: str, settings: Settings, rule_set: RuleSet) -> Keeper:
    """A way by its name."""
    return WAYS[way](settings, rule_set)
