"""Tables for people, and their places in `docs/benchmarks.md`."""

from __future__ import annotations

import datetime
import os
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .samples import Sample, Series

LEAST_PEAK = 24 << 20
PACKAGES = {"Polars": "polars", "DuckDB": "duckdb", "chDB": "chdb"}


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def seconds(value: float) -> str:
    """Three digits are more than repeats agree on."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def wall(series: Series) -> str:
    """The median, and the least and greatest where there are several; or how it failed."""
    if series.failure:
        return series.failure
    return spread_of(series, lambda sample: sample.wall)


def spread_of(series: Series, value: Callable[[Sample], float]) -> str:
    """The median of a value in seconds, and its spread."""
    low, high = series.spread(value)
    middle = seconds(series.median(value))
    return middle if len(series.samples) == 1 else f"{middle} ({low:.2f}–{high:.2f})"


def cpu(series: Series) -> str:
    """The median of processor time."""
    return "" if series.failure else seconds(series.median(lambda sample: sample.cpu))


def peak(series: Series) -> str:
    """The greatest peak of memory."""
    _, most = series.spread(lambda sample: sample.peak_bytes)
    return memory(most)


def memory(size: int) -> str:
    """A peak of memory; below `LEAST_PEAK` it might be that of the process that measured."""
    if size < LEAST_PEAK:
        return f"< {LEAST_PEAK / 2**20:.0f} MiB"
    return f"{size / 2**20:.0f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"


def times(series: Series, ours: Series) -> str:
    """How many times our time; at least so many where it took too long."""
    if series is ours or ours.failure:
        return ""
    if series.failure and series.failure.endswith(" s"):
        least = series.samples[-1].wall / ours.median(lambda sample: sample.wall)
        return f"> {_times(least)}"
    ratio = series.ratio_to(ours)
    return _times(ratio) if ratio else ""


def _times(ratio: float) -> str:
    return f"{ratio:.2f}×" if ratio < 1 else f"{ratio:.1f}×" if ratio < 10 else f"{ratio:.0f}×"


def part(series: Series, name: str) -> str:
    """The median of a step."""
    if series.failure:
        return ""
    return seconds(series.median(lambda sample: sample.parts[name]))


def machine(grandstand_version: str) -> str:
    """What was measured where, and when: a line below a table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"{name} {_version(package)}" for name, package in PACKAGES.items()]
    return (
        f"{datetime.date.today()}, {os.cpu_count()} processors ({_processor()}), {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} "
        f"at the end; {grandstand_version}, {', '.join(versions)}."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else os.uname().machine


def put(document: Path, mark: str, text: str) -> None:
    """Puts a text between the markers of its place in a document.
    - Raises: ValueError where there is no such place."""
    content = document.read_text()
    pattern = re.compile(rf"(<!-- bench:{re.escape(mark)} -->\n).*?(<!-- /bench -->)", re.DOTALL)
    changed, places = pattern.subn(lambda found: f"{found[1]}{text}\n{found[2]}", content)
    if places != 1:
        raise ValueError(f"{document} has {places} places <!-- bench:{mark} --> … <!-- /bench -->")
    document.write_text(changed)


def say(text: str) -> None:
    """Progress, for people who wait."""
    print(text, file=sys.stderr, flush=True)


def say_sample(what: str, sample: Sample) -> None:
    """Progress: what was just measured."""
    ended = sample.failure or f"{sample.wall:8.2f} s wall {sample.cpu:8.2f} s CPU {sample.peak_bytes / 2**20:7.0f} MiB"
    say(f"  {what:<48} {ended}")
