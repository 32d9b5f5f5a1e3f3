"""Neutral rules as Polars expressions: one query a rule, or one pass for all rules."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import polars as pl

from .dataset import INTEGERS, STRINGS, Dataset
from .rules import Condition, Expression, Filter, Metric, Rule, RuleSet
from .sql import articles_event


@dataclass(frozen=True)
class FrameCompiler:
    """Makes the lazy queries of rules over the Parquet files of one variant."""

    dataset: Dataset
    variant: str
    as_of: datetime.date

    def events(self) -> pl.LazyFrame:
        """All events, with their day as `dt`."""
        files = f"{self.dataset.variant_folder(self.variant)}/*/*.parquet"
        return pl.scan_parquet(files, hive_partitioning=True, try_parse_hive_dates=True)

    def users_of(self, rule: Rule) -> pl.LazyFrame:
        """The users of one rule; only events that one of its metrics counts are grouped."""
        columns = RuleSet(self.as_of, (rule,)).metrics
        since = min(metric.since(self.as_of) for metric in columns)
        counted = reduce(or_, [self.predicate(metric) for metric in columns])
        measured = self._measured(self.events().filter((pl.col("dt") >= since) & counted), columns)
        return measured.filter(self.condition(rule.expression, columns)).select("user_id")

    def memberships(self, rule_set: RuleSet) -> pl.LazyFrame:
        """A row a user with a column a rule, in one pass; distinct articles as in `sql.Compiler.memberships`."""
        columns = rule_set.metrics
        articles = {metric: column for metric, column in columns.items() if metric.measure == "articles"}
        others = {metric: column for metric, column in columns.items() if metric not in articles}
        events = self.events().filter(pl.col("dt") >= rule_set.since)
        measured = self._measured(events, others)
        if articles:
            measured = measured.join(self._articles(events, articles), on="user_id", how="left")
        verdicts = [self.condition(rule.expression, columns).alias(rule.name) for rule in rule_set.rules]
        return measured.select("user_id", *verdicts)

    def predicate(self, metric: Metric) -> pl.Expr:
        """Which events a metric counts."""
        return reduce(and_, self._tests_of_values(metric.filter) + self._tests_of_days(metric, "dt"))

    def condition(self, expression: Expression, columns: dict[Metric, str]) -> pl.Expr:
        """An expression over columns that hold the metrics."""
        if isinstance(expression, Condition):
            return (pl.col(columns[expression.metric]) >= expression.at_least).fill_null(False)
        parts = [self.condition(part, columns) for part in expression.parts]
        if expression.operation == "not":
            return ~parts[0]
        return reduce({"all": and_, "any": or_}[expression.operation], parts)

    def _measured(self, events: pl.LazyFrame, columns: dict[Metric, str]) -> pl.LazyFrame:
        """Metrics by user. Columns with nothing where a metric does not count are made first: the engine then aggregates plain
        columns, which is several times as fast as a filter inside each aggregation."""
        prepared, aggregates = [], []
        for metric, column in columns.items():
            when, of = self.predicate(metric), pl.col(column)
            if metric.measure == "count":
                prepared.append(when.alias(column))
                aggregates.append(of.sum())
            elif metric.measure == "dwell":
                prepared.append(pl.when(when).then(pl.col("dwell_ms")).otherwise(0).alias(column))
                aggregates.append(of.sum())
            elif metric.measure == "days":
                number = (pl.col("dt") - pl.lit(self.dataset.first_day)).dt.total_days().cast(pl.UInt32)
                bit = pl.lit(2, pl.UInt64).pow(number).cast(pl.UInt64)
                prepared.append(pl.when(when).then(bit).otherwise(0).alias(column))
                aggregates.append(of.bitwise_or().bitwise_count_ones())
            else:
                prepared.append(pl.when(when).then(pl.col("article")).alias(column))
                aggregates.append(of.drop_nulls().n_unique())
        return events.select("user_id", *prepared).group_by("user_id").agg(aggregates)

    def _articles(self, events: pl.LazyFrame, metrics: dict[Metric, str]) -> pl.LazyFrame:
        fields = sorted({metric.filter.field for metric in metrics if metric.filter.field})
        pairs = (
            events.filter(self._equals("event", articles_event(metrics)))
            .group_by("user_id", "article")
            .agg(pl.col("dt").max().alias("latest"), *[pl.col(field).first() for field in fields])
        )
        counted = []
        for metric, column in metrics.items():
            # The event was tested before.
            tests = self._tests_of_values(metric.filter)[1:] + self._tests_of_days(metric, "latest")
            counted.append(reduce(and_, tests, pl.lit(True)).alias(column))
        return pairs.select("user_id", *counted).group_by("user_id").agg(pl.col(column).sum() for column in metrics.values())

    def _tests_of_values(self, wanted: Filter) -> list[pl.Expr]:
        tests = [self._equals("event", wanted.event)]
        if not wanted.field:
            return tests
        if not wanted.below:
            return tests + [self._equals(wanted.field, wanted.value)]
        column = pl.col(wanted.field)
        if self.variant == STRINGS:
            return tests + [column.str.starts_with(wanted.value)]
        low, high = self.dataset.codes_below(wanted.value)
        return tests + [(column >= low) & (column <= high)]

    def _tests_of_days(self, metric: Metric, day: str) -> list[pl.Expr]:
        since = metric.since(self.as_of)
        return [pl.col(day) >= since] if since > self.dataset.first_day else []

    def _equals(self, field: str, value: str) -> pl.Expr:
        return pl.col(field) == (self.dataset.code(field, value) if self.variant == INTEGERS else value)
