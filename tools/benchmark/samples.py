"""What was measured: samples of contestants, their medians and spreads, and the ratios of samples of one round."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """One measurement of a contestant."""

    wall: float
    cpu: float
    peak_bytes: int
    sizes: dict[str, int] = field(default_factory=dict)
    failure: str | None = None
    parts: dict[str, float] = field(default_factory=dict)
    """Wall seconds of its steps, where a campaign has several."""


@dataclass
class Series:
    """All measurements of a contestant, one a round until one fails."""

    system: str
    data: str
    samples: list[Sample] = field(default_factory=list)

    @property
    def failure(self) -> str | None:
        """How it failed, if it did."""
        return next((sample.failure for sample in self.samples if sample.failure), None)

    def median(self, value: Callable[[Sample], float]) -> float:
        """The median of a value of all samples."""
        return statistics.median(value(sample) for sample in self.samples)

    def spread(self, value: Callable[[Sample], float]) -> tuple[float, float]:
        """The least and the greatest of a value."""
        values = [value(sample) for sample in self.samples]
        return min(values), max(values)

    def ratio_to(self, other: Series) -> float | None:
        """How many times as long it took as another: the median of the ratios of each round."""
        pairs = [(mine, theirs) for mine, theirs in zip(self.samples, other.samples) if not (mine.failure or theirs.failure)]
        return statistics.median(mine.wall / theirs.wall for mine, theirs in pairs) if pairs else None


def disagreements(series: list[Series]) -> list[str]:
    """For each rule of whose size not all samples say the same: the rule, and who says what. A sample that failed half-way is
    compared as far as it got."""
    said: dict[str, dict[int, list[str]]] = {}
    for one in series:
        for sample in one.samples:
            for rule, size in sample.sizes.items():
                who = said.setdefault(rule, {}).setdefault(size, [])
                name = f"{one.system} ({one.data})" if one.data else one.system
                if name not in who:
                    who.append(name)
    return [
        f"{rule}: " + "; ".join(f"{size} users say {', '.join(who)}" for size, who in sizes.items())
        for rule, sizes in sorted(said.items())
        if len(sizes) > 1
    ]
