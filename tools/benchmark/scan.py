"""The scan: one, a hundred and a thousand rules over all events, beside the peers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from . import measure, ours, report, rules
from .bench import Bench, peer_sample
from .dataset import Dataset
from .engines import RULES_IN_A_PASS, native_folder
from .samples import Sample, Series, disagreements

PEERS = {
    "polars": "Polars",
    "duckdb": "DuckDB",
    "clickhouse": "ClickHouse, Parquet",
    "clickhouse-native": "ClickHouse, MergeTree",
}


@dataclass(frozen=True)
class Contestant:
    """Who answers rules, from which files."""

    system: str
    data: str
    files: Callable[[], list[Path]]
    answer: Callable[[], Sample]
    is_ours: bool = False


@dataclass(frozen=True)
class ScanResult:
    """A table, and what the systems do not agree on."""

    text: str
    disagreements: list[str]


def run(bench: Bench, cold: bool = False) -> ScanResult:
    """Measures all contestants for each number of rules, interleaved."""
    dataset = bench.dataset()
    project = ours.project_of(bench, dataset)
    rules_file = bench.work / "rules.json"
    bench.work.mkdir(parents=True, exist_ok=True)
    rules.write(rules_file, rules.generate(dataset.facts, dataset.days[-1], max(bench.rule_counts)))
    if "clickhouse-native" in bench.peers:
        for variant in bench.variants:
            load_native(bench, dataset, variant, bench.work)
    rows: list[list[str]] = []
    differences: list[str] = []
    too_slow: dict[str, Sample] = {}
    for count in sorted(bench.rule_counts):
        contestants = _ours(bench, project, rules_file, count) + _peers(bench, dataset, rules_file, count)
        series = _measure(bench, contestants, count, cold, too_slow)
        differences += disagreements(series)
        rows += _rows(series, count)
    text = report.table(["rules", "system", "data", "wall", "to ours", "processor", "peak memory"], rows)
    return ScanResult(f"{_description(bench, dataset, cold)}\n\n{text}", differences)


def load_native(bench: Bench, dataset: Dataset, variant: str, scratch: Path) -> None:
    """Fills ClickHouse's own table, once."""
    complete = native_folder(scratch, variant) / "complete"
    if not complete.exists():
        report.say(f"loading ClickHouse's own table, {variant} …")
        loaded = bench.prepare(job="load", **bench.peer_job(dataset, variant, scratch))
        complete.write_text(f"{loaded['wall']:.1f}\n")


def _ours(bench: Bench, project: ours.GrandstandProject, rules_file: Path, count: int) -> list[Contestant]:
    rule_set = rules.read(rules_file, count)
    view = project.view(bench.work / f"view-{count}", rule_set)

    def contestant(threads: int) -> Contestant:
        return Contestant(
            f"**Grandstand**, {_threads(threads)}", "", project.store_files,
            lambda: ours.run_sample(bench, view, str(rule_set.as_of), threads), is_ours=True,
        )  # fmt: skip

    # All threads first: the others are compared with it.
    return [contestant(threads) for threads in sorted({bench.threads, 1}, reverse=True)]


def _peers(bench: Bench, dataset: Dataset, rules_file: Path, count: int) -> list[Contestant]:
    def contestant(peer: str, variant: str) -> Contestant:
        job = bench.peer_job(dataset, variant, bench.work)
        native = native_folder(bench.work, variant)
        return Contestant(
            f"{PEERS[peer]}, {_threads(bench.threads)}",
            variant,
            lambda: measure.files_below(native) if peer == "clickhouse-native" else dataset.files(variant),
            lambda: peer_sample(bench.worker(job="scan", peer=peer, rules=str(rules_file), count=count, **job)),
        )

    return [contestant(peer, variant) for variant in bench.variants for peer in bench.peers]


def _threads(count: int) -> str:
    return f"{count} thread" if count == 1 else f"{count} threads"


def _measure(bench: Bench, contestants: list[Contestant], count: int, cold: bool, too_slow: dict[str, Sample]) -> list[Series]:
    """A sample of each contestant a round. Who failed is not asked again, nor who took too long for fewer rules; and of more rules
    than fit a pass peers are asked once."""
    series = [Series(one.system, one.data) for one in contestants]
    for turn in range(bench.repeats):
        report.say(f"{count} rules, round {turn + 1} of {bench.repeats}")
        for one, samples in zip(contestants, series):
            name = f"{one.system} {one.data}"
            if samples.failure or (turn and not one.is_ours and count > RULES_IN_A_PASS):
                continue
            if name in too_slow:
                samples.samples.append(too_slow[name])
                continue
            (measure.cool if cold else measure.warm)(one.files())
            sample = one.answer()
            samples.samples.append(sample)
            report.say_sample(name, sample)
            bench.record(campaign="cold" if cold else "scan", rules=count, round=turn, name=name, **vars(sample))
            if sample.failure and sample.failure.startswith(">"):
                too_slow[name] = replace(sample, sizes={})
    return series


def _rows(series: list[Series], count: int) -> list[list[str]]:
    ours_first = series[0]
    return [
        [
            f"{count:,}", one.system, one.data, report.wall(one), report.times(one, ours_first), report.cpu(one), report.peak(one),
        ]
        for one in series
    ]  # fmt: skip


def _description(bench: Bench, dataset: Dataset, cold: bool) -> str:
    rows = ours.row_count(bench, dataset)
    read = "files dropped from memory before each measurement" if cold else "files in memory"
    return (
        f"{rows:,} events, {dataset.facts['users']:,} users, {len(dataset.days)} days; {read}; medians of {bench.repeats} rounds, "
        f"in each of which every system is measured once (least–greatest). *Strings* are events as they come, *integers* the "
        f"peers' best case (dense numbers of users, codes for values, sorted by user); ours is the same store in both. Every "
        f"rule has the same size in all systems that answered it. Ours is a whole process, theirs without its start; their "
        f"passes are of {RULES_IN_A_PASS} rules.\n\n"
        f"{report.machine(bench.grandstand_version())}"
    )
