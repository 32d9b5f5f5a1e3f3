"""Neutral rules as Grandstand's segment files."""

from __future__ import annotations

import json
from pathlib import Path

from .rules import Condition, Expression, RuleSet

_OPERATIONS = {"all": "all", "any": "any", "not": "none"}


def write_segments(rule_set: RuleSet, folder: Path) -> None:
    """A file a rule, named after it. JSON is YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    for rule in rule_set.rules:
        segment = {"name": rule.name, "purpose": "ads", "who": [_item(rule.expression)]}
        (folder / f"{rule.name}.yaml").write_text(json.dumps(segment) + "\n")


def _item(expression: Expression) -> dict:
    if isinstance(expression, Condition):
        return _condition(expression)
    return {_OPERATIONS[expression.operation]: [_item(part) for part in expression.parts]}


def _condition(condition: Condition) -> dict:
    metric, wanted = condition.metric, condition.metric.filter
    where: dict[str, object] = {}
    if wanted.field:
        # A section alone would mean everything below it as well.
        exact = {"only": wanted.value} if wanted.field == "section" else wanted.value
        where[wanted.field] = wanted.value.rstrip("/") if wanted.below else exact
    threshold = f"at least {condition.at_least}"
    if metric.measure == "articles":
        measure = {"reads": threshold}
    elif metric.measure == "count":
        measure = {{"page_view": "views", "link_click": "clicks"}[wanted.event]: threshold}
    elif metric.measure == "dwell":
        measure = {"dwell": f"{threshold[:-3]}s"}
        where["event"] = wanted.event
    else:
        measure = {"days": threshold}
        where["event"] = wanted.event
    return measure | ({"where": where} if where else {}) | {"when": f"last {metric.window}d"}
