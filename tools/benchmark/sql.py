"""Neutral rules as SQL: one query a rule, or one pass for all rules."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Protocol

from .dataset import INTEGERS, STRINGS, Dataset
from .rules import Condition, Expression, Filter, Metric, Rule, RuleSet


class Dialect(Protocol):
    """What DuckDB and ClickHouse say in different words."""

    any_value: str

    def starts_with(self, column: str, prefix: str) -> str:
        """Whether a text begins with another."""

    def aggregate(self, measure: str, when: str, first_day: datetime.date) -> str:
        """A measure of those rows of a group for which a predicate holds."""

    def count_rows(self, when: str) -> str:
        """The rows of a group for which a predicate holds."""

    def holds(self, comparison: str) -> str:
        """A comparison that is false, not unknown, where there was no row."""


class DuckDB:
    """DuckDB's words."""

    any_value = "any_value"

    def starts_with(self, column: str, prefix: str) -> str:
        return f"starts_with({column}, '{prefix}')"

    def aggregate(self, measure: str, when: str, first_day: datetime.date) -> str:
        function = {
            "count": "count(*)",
            "articles": "count(DISTINCT article)",
            "dwell": "sum(dwell_ms)",
            # Fewer than 64 days: a bit each, which is faster than distinct dates.
            "days": f"bit_or(1::BIGINT << (dt - DATE '{first_day}')::INT)",
        }[measure]
        filtered = f"{function} FILTER (WHERE {when})"
        return f"bit_count({filtered})" if measure == "days" else filtered

    def count_rows(self, when: str) -> str:
        return f"count(*) FILTER (WHERE {when})"

    def holds(self, comparison: str) -> str:
        return f"coalesce({comparison}, false)"


class ClickHouse:
    """ClickHouse's words."""

    any_value = "any"

    def starts_with(self, column: str, prefix: str) -> str:
        return f"startsWith({column}, '{prefix}')"

    def aggregate(self, measure: str, when: str, first_day: datetime.date) -> str:
        return {
            "count": self.count_rows(when),
            "articles": f"uniqExactIf(article, {when})",
            "dwell": f"sumIf(dwell_ms, {when})",
            "days": f"bitCount(groupBitOrIf(bitShiftLeft(toUInt64(1), toDate(dt) - toDate('{first_day}')), {when}))",
        }[measure]

    def count_rows(self, when: str) -> str:
        return f"countIf({when})"

    def holds(self, comparison: str) -> str:
        return f"({comparison})"


@dataclass(frozen=True)
class Compiler:
    """Writes the queries of rules over events of one variant."""

    dialect: Dialect
    dataset: Dataset
    variant: str
    source: str
    as_of: datetime.date

    def predicate(self, metric: Metric, day: str = "dt") -> str:
        """Which events a metric counts."""
        return " AND ".join(self.tests_of_values(metric.filter) + self.tests_of_days(metric, day))

    def tests_of_values(self, wanted: Filter) -> list[str]:
        """Tests of an event's name and of its value."""
        tests = [self._equals("event", wanted.event)]
        if not wanted.field:
            return tests
        if not wanted.below:
            return tests + [self._equals(wanted.field, wanted.value)]
        if self.variant == STRINGS:
            return tests + [self.dialect.starts_with(wanted.field, wanted.value)]
        low, high = self.dataset.codes_below(wanted.value)
        return tests + [f"{wanted.field} BETWEEN {low} AND {high}"]

    def tests_of_days(self, metric: Metric, day: str) -> list[str]:
        """A test of the day, unless all days are in the window."""
        since = metric.since(self.as_of)
        return [f"{day} >= '{since}'"] if since > self.dataset.first_day else []

    def _equals(self, field: str, value: str) -> str:
        if self.variant == INTEGERS:
            return f"{field} = {self.dataset.code(field, value)}"
        return f"{field} = '{value}'"

    def condition(self, expression: Expression, columns: dict[Metric, str]) -> str:
        """An expression over columns that hold the metrics."""
        if isinstance(expression, Condition):
            return self.dialect.holds(f"{columns[expression.metric]} >= {expression.at_least}")
        parts = [self.condition(part, columns) for part in expression.parts]
        if expression.operation == "not":
            return f"(NOT {parts[0]})"
        return "(" + {"all": " AND ", "any": " OR "}[expression.operation].join(parts) + ")"

    def aggregates(self, metrics: dict[Metric, str]) -> str:
        """Metrics as columns of an aggregation by user."""
        first = self.dataset.first_day
        return ", ".join(
            f"{self.dialect.aggregate(metric.measure, self.predicate(metric), first)} AS {column}"
            for metric, column in metrics.items()
        )

    def users_of(self, rule: Rule) -> str:
        """The users of one rule; only events that one of its metrics counts are grouped."""
        columns = RuleSet(self.as_of, (rule,)).metrics
        since = min(metric.since(self.as_of) for metric in columns)
        counted = " OR ".join(f"({self.predicate(metric)})" for metric in columns)
        inner = (
            f"SELECT user_id, {self.aggregates(columns)} FROM {self.source} "
            f"WHERE dt >= '{since}' AND ({counted}) GROUP BY user_id"
        )
        return f"SELECT user_id FROM ({inner}) AS measured WHERE {self.condition(rule.expression, columns)}"

    def memberships(self, rule_set: RuleSet) -> str:
        """A row a user with a column a rule, in one pass. Distinct articles are taken from a table of (user, article) with
        the latest day: to have read an article in a window is to have read it last in it."""
        columns = rule_set.metrics
        articles = {metric: column for metric, column in columns.items() if metric.measure == "articles"}
        others = {metric: column for metric, column in columns.items() if metric not in articles}
        verdicts = ", ".join(f"{self.condition(rule.expression, columns)} AS {rule.name}" for rule in rule_set.rules)
        measured = f", {self.aggregates(others)}" if others else ""
        since = f"dt >= '{rule_set.since}'"
        events = f"SELECT user_id{measured} FROM {self.source} WHERE {since} GROUP BY user_id"
        if not articles:
            return f"SELECT user_id, {verdicts} FROM ({events}) AS measured"
        reads = self._articles(articles, since)
        return (
            f"SELECT measured.user_id AS user_id, {verdicts} FROM ({events}) AS measured "
            f"LEFT JOIN ({reads}) AS reads ON measured.user_id = reads.user_id"
        )

    def _articles(self, metrics: dict[Metric, str], since: str) -> str:
        """Distinct articles by user, for metrics of attributes that an article has once and for all."""
        event = articles_event(metrics)
        fields = sorted({metric.filter.field for metric in metrics if metric.filter.field})
        taken = "".join(f", {self.dialect.any_value}({field}) AS {field}" for field in fields)
        pairs = (
            f"SELECT user_id, article, max(dt) AS latest{taken} FROM {self.source} "
            f"WHERE {since} AND {self._equals('event', event)} GROUP BY user_id, article"
        )
        counts = []
        for metric, column in metrics.items():
            # The event was tested before.
            tests = self.tests_of_values(metric.filter)[1:] + self.tests_of_days(metric, "latest")
            when = " AND ".join(tests) or "true"
            counts.append(f"{self.dialect.count_rows(when)} AS {column}")
        return f"SELECT user_id, {', '.join(counts)} FROM ({pairs}) AS pairs GROUP BY user_id"


def articles_event(metrics: dict[Metric, str]) -> str:
    """The one event of metrics of distinct articles, whose fields must be the article's own."""
    event, *others = {metric.filter.event for metric in metrics}
    fields = {metric.filter.field for metric in metrics} - {None, "section", "author", "tag"}
    if others or fields:
        raise ValueError("distinct articles are of one event, by section, author or tag")
    return event
