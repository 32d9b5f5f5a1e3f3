"""Neutral rules: what an audience asks of events, in words that belong to none of the systems.

A rule is a tree of `all`, `any` and `not` over conditions. A condition is a measure of a user's events of one name, perhaps with
one more value, on the last N days, that must be at least a number. A rule holds only for users with events that it names, so
that it does not matter whom a system counts as existing.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Measure = Literal["count", "articles", "dwell", "days"]
"""Events; distinct articles; milliseconds of dwell; distinct days."""


@dataclass(frozen=True)
class Filter:
    """Events of a name, and of one value of a field if there is one; of a section with `below`: all whose names begin so."""

    event: str
    field: str | None = None
    value: str = ""
    below: bool = False


@dataclass(frozen=True)
class Metric:
    """A number that conditions share: a measure of events on the last days, the as-of day included."""

    measure: Measure
    filter: Filter
    window: int

    def since(self, as_of: datetime.date) -> datetime.date:
        """The first of its days."""
        return as_of - datetime.timedelta(days=self.window - 1)


@dataclass(frozen=True)
class Condition:
    """A metric that is at least a number."""

    metric: Metric
    at_least: int


@dataclass(frozen=True)
class Group:
    """Expressions that must all hold, of which any must, or of which the only one must not."""

    operation: Literal["all", "any", "not"]
    parts: tuple[Expression, ...]


Expression = Condition | Group


@dataclass(frozen=True)
class Rule:
    """A name and what it asks."""

    name: str
    expression: Expression


@dataclass(frozen=True)
class RuleSet:
    """Rules as of a day, and the metrics that they share."""

    as_of: datetime.date
    rules: tuple[Rule, ...]

    @property
    def metrics(self) -> dict[Metric, str]:
        """A column name for each distinct metric."""
        found = dict.fromkeys(c.metric for rule in self.rules for c in conditions(rule.expression))
        return {metric: f"m{number}" for number, metric in enumerate(found)}

    @property
    def since(self) -> datetime.date:
        """The first day that any metric asks for."""
        return min(metric.since(self.as_of) for metric in self.metrics)

    def passes(self, size: int) -> list[RuleSet]:
        """The rules in sets of at most `size`."""
        return [RuleSet(self.as_of, self.rules[n : n + size]) for n in range(0, len(self.rules), size)]


def conditions(expression: Expression) -> Iterator[Condition]:
    """The conditions of an expression, from left to right."""
    if isinstance(expression, Condition):
        yield expression
    else:
        for part in expression.parts:
            yield from conditions(part)


def holds_without_events(expression: Expression) -> bool:
    """Whether a user without any event meets it."""
    if isinstance(expression, Condition):
        return expression.at_least <= 0
    held = [holds_without_events(part) for part in expression.parts]
    return {"all": all, "any": any, "not": lambda parts: not parts[0]}[expression.operation](held)


def contradicts_itself(expression: Expression) -> bool:
    """Whether events are wanted of which there must be none: nobody can be in, and Grandstand withholds such a segment."""
    if isinstance(expression, Condition) or expression.operation != "all":
        return False
    wanted = [part.metric for part in expression.parts if isinstance(part, Condition)]
    excluded = [part.parts[0] for part in expression.parts if isinstance(part, Group) and part.operation == "not"]
    return any(
        isinstance(none, Condition) and none.at_least == 1 and none.metric.filter == some.filter and none.metric.window >= some.window
        for none in excluded
        for some in wanted
    )


# Files


def write(path: Path, rule_set: RuleSet) -> None:
    """Writes rules as JSON."""
    rules = [{"name": rule.name, "rule": _to_json(rule.expression)} for rule in rule_set.rules]
    path.write_text(json.dumps({"as_of": str(rule_set.as_of), "rules": rules}, indent=1) + "\n")


def read(path: Path, count: int | None = None) -> RuleSet:
    """Reads the first rules of a file; a rule that holds for users without events is an error."""
    content = json.loads(path.read_text())
    rules = tuple(Rule(rule["name"], _from_json(rule["rule"])) for rule in content["rules"][:count])
    for rule in rules:
        if holds_without_events(rule.expression):
            raise ValueError(f"{path}: {rule.name} holds for users without events")
    return RuleSet(datetime.date.fromisoformat(content["as_of"]), rules)


def _to_json(expression: Expression) -> dict:
    if isinstance(expression, Group):
        return {expression.operation: [_to_json(part) for part in expression.parts]}
    metric, wanted = expression.metric, expression.metric.filter
    where = {"event": wanted.event}
    if wanted.field:
        where[wanted.field] = wanted.value
    below = {"below": True} if wanted.below else {}
    return {metric.measure: expression.at_least, "where": where, "last_days": metric.window} | below


def _from_json(node: dict) -> Expression:
    for operation in ("all", "any", "not"):
        if operation in node:
            return Group(operation, tuple(_from_json(part) for part in node[operation]))
    measure = next(name for name in ("count", "articles", "dwell", "days") if name in node)
    where = dict(node["where"])
    event = where.pop("event")
    field, value = next(iter(where.items()), (None, ""))
    wanted = Filter(event, field, value, node.get("below", False))
    return Condition(Metric(measure, wanted, node["last_days"]), node[measure])


# Made-up rules

WINDOWS = [3, 7, 7, 14, 14, 30, 30, 30, 30]
UNSUBSCRIBED = Condition(Metric("count", Filter("link_click", "element", "unsubscribe"), 30), 1)


def generate(facts: dict, as_of: datetime.date, count: int, seed: int = 42) -> RuleSet:
    """The first `count` rules of a seed: Formula 1 fans, then random ones; the first hundred are the same of any number."""
    made = _RuleMaker(facts, seed)
    rules = [Rule("r0000", _formula_1_fans())]
    rules += [Rule(f"r{number:04d}", made.rule()) for number in range(1, count)]
    return RuleSet(as_of, tuple(rules))


def _formula_1_fans() -> Expression:
    def section(event: str) -> Filter:
        return Filter(event, "section", "sport/formula-1")

    return Group("all", (
        Condition(Metric("articles", section("page_view"), 30), 3),
        Condition(Metric("dwell", section("page_ping"), 30), 600_000),
        Group("not", (UNSUBSCRIBED,)),
    ))  # fmt: skip


class _RuleMaker:
    """Draws rules as authors write them: one to three conditions, some with an exclusion, some about lapsed readers."""

    KINDS = {"articles": 24, "views": 16, "dwell": 16, "days": 12, "click": 10, "tag": 8, "author": 6, "recent": 6, "device": 2}

    def __init__(self, facts: dict, seed: int) -> None:
        self.random = random.Random(seed)
        self.sections = facts["section"]
        self.tops = sorted({section.split("/")[0] for section in self.sections})
        self.devices = facts["device"]
        # Neither "no element" nor "unsubscribe", which is for exclusions.
        self.elements = facts["element"][2:14]

    def rule(self) -> Expression:
        """A random rule that somebody can meet."""
        while True:
            expression = self.shape()
            if not contradicts_itself(expression):
                return expression

    def shape(self) -> Expression:
        """One of the shapes that rules have."""
        draw, some = self.random.random(), self.random.choice
        if draw < 0.15:
            return self.condition()
        if draw < 0.55:
            return self.group("all", some([2, 2, 3]))
        if draw < 0.70:
            return self.group("any", some([2, 3]))
        if draw < 0.85:
            excluded = UNSUBSCRIBED if self.random.random() < 0.5 else self.condition("click")
            return Group("all", (self.condition(), self.condition(), Group("not", (excluded,))))
        if draw < 0.93:
            was_here = self.condition(some(["views", "articles", "days"]))
            return Group("all", (was_here, Group("not", (self.condition("recent"),))))
        either, also = self.group("any", 2), self.condition(some(["dwell", "days"]))
        return Group("all", (either, also, Group("not", (self.condition("click"),))))

    def group(self, operation: Literal["all", "any"], count: int) -> Group:
        """So many random conditions."""
        return Group(operation, tuple(self.condition() for _ in range(count)))

    def condition(self, kind: str | None = None) -> Condition:
        """A random condition of a kind, or of a random one."""
        some = self.random.choice
        kind = kind or self.random.choices(list(self.KINDS), list(self.KINDS.values()))[0]
        window = some(WINDOWS)
        if kind == "articles":
            return Condition(Metric("articles", self.section("page_view"), window), some([2, 3, 3, 4, 5]))
        if kind == "views":
            return Condition(Metric("count", self.section("page_view"), window), some([1, 2, 3, 5, 8]))
        if kind == "dwell":
            return Condition(Metric("dwell", self.section("page_ping"), window), some([60, 120, 300, 600]) * 1000)
        if kind == "days":
            everywhere = self.random.random() < 0.5
            wanted = Filter("page_view") if everywhere else self.section("page_view")
            # Nobody is there on five of three days.
            return Condition(Metric("days", wanted, window), min(some([2, 3, 4, 5]), window))
        if kind == "click":
            return Condition(Metric("count", Filter("link_click", "element", some(self.elements)), window), 1)
        if kind == "tag":
            wanted = Filter("page_view", "tag", f"tag-{some(range(1, 25)):03d}")
            return Condition(Metric("count", wanted, window), some([1, 2, 3]))
        if kind == "author":
            wanted = Filter("page_view", "author", f"author-{some(range(1, 25)):03d}")
            return Condition(Metric("articles", wanted, window), some([1, 2]))
        if kind == "recent":
            return Condition(Metric("count", self.section("page_view"), some([2, 3, 6, 8])), 1)
        return Condition(Metric("count", Filter("page_view", "device", some(self.devices)), window), some([3, 5]))

    def section(self, event: str) -> Filter:
        """A section, or all below a top one."""
        if self.random.random() < 0.7:
            return Filter(event, "section", self.random.choice(self.sections))
        return Filter(event, "section", self.random.choice(self.tops) + "/", below=True)
