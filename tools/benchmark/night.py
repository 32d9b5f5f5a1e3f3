"""A night: a day's events come in and a hundred rules are answered, beside ClickHouse with and without kept aggregates."""

from __future__ import annotations

import datetime
from pathlib import Path

from . import measure, ours, report, rules
from .bench import Bench, BenchError, peer_sample
from .dataset import STRINGS, Dataset
from .engines import native_folder
from .samples import Sample, Series, disagreements
from .scan import ScanResult, load_native

RULES = 100

WAYS = {
    "all-events": "ClickHouse, all events",
    "by-dimension": "ClickHouse, aggregates by user, day and value",
    "by-rule": "ClickHouse, aggregates by user, day and rule",
}


def run(bench: Bench) -> ScanResult:
    """Measures a night of each system, interleaved."""
    dataset = bench.dataset()
    project = ours.project_of(bench, dataset)
    folder = bench.work / "night"
    folder.mkdir(parents=True, exist_ok=True)
    day = bench.prepare(job="generate_next_day", data=str(dataset.folder), target=str(folder))["day"]
    next_day = next((folder / "a_lz4" / f"dt={day}").glob("*.parquet")).resolve()
    rules_file = folder / "rules.json"
    rule_set = rules.generate(dataset.facts, datetime.date.fromisoformat(day), RULES)
    rules.write(rules_file, rule_set)
    job = bench.peer_job(dataset, STRINGS, folder) | {"rules": str(rules_file.resolve()), "count": RULES}
    ways = WAYS if "clickhouse-native" in bench.peers else {}
    prepared = _prepare(bench, dataset, folder, job, ways)
    grandstand = Series("**Grandstand**", "")
    peers = {way: Series(name, "") for way, name in ways.items()}
    for turn in range(bench.repeats):
        report.say(f"night, round {turn + 1} of {bench.repeats}")
        _keep(bench, turn, grandstand, _our_night(bench, project, rule_set, next_day, folder / "view", day))
        for way, series in peers.items():
            if not series.failure:
                measure.warm([next_day, *measure.files_below(native_folder(folder, STRINGS))])
                outcome = bench.worker(**job | {"job": "night", "way": way, "file": str(next_day), "day": day})
                _keep(bench, turn, series, peer_sample(outcome))
    series = [grandstand, *peers.values()]
    header = ["system", "the day comes in", "rules answered", "together", "to ours", "processor", "peak memory", "prepared in"]
    table = report.table(header, [_row(one, grandstand, prepared) for one in series])
    return ScanResult(f"{_description(bench, dataset)}\n\n{table}", disagreements(series))


def _prepare(bench: Bench, dataset: Dataset, folder: Path, job: dict, ways: dict[str, str]) -> dict[str, float]:
    """Loads ClickHouse and makes its aggregates of the days before; returns the seconds of the latter by system."""
    seconds = {}
    if ways:
        load_native(bench, dataset, STRINGS, folder)
    for way, name in ways.items():
        report.say(f"preparing {name} …")
        seconds[name] = bench.prepare(**job | {"job": "night_prepare", "way": way})["wall"]
    return seconds


def _our_night(
    bench: Bench, project: ours.GrandstandProject, rule_set: rules.RuleSet, rows: Path, folder: Path, day: str
) -> Sample:
    view = project.copy(folder, rule_set)
    measure.warm([rows, *view.store_files()])
    command = [str(bench.grandstand), "ingest", str(rows), "--source", "rows", "--quiet", "--project", str(view.file)]
    adding = measure.run(command, bench.limits)
    if adding.failure:
        raise BenchError(f"ingest: {adding.failure}\n{adding.errors[-2000:]}")
    answering = ours.run_sample(bench, view, day, bench.threads)
    return Sample(
        wall=adding.wall + answering.wall,
        cpu=adding.cpu + answering.cpu,
        peak_bytes=max(adding.peak_bytes, answering.peak_bytes),
        sizes=answering.sizes,
        failure=answering.failure,
        parts={"add": adding.wall, "answer": answering.wall},
    )


def _keep(bench: Bench, turn: int, series: Series, sample: Sample) -> None:
    series.samples.append(sample)
    report.say_sample(series.system, sample)
    bench.record(campaign="night", round=turn, name=series.system, **vars(sample))


def _row(one: Series, grandstand: Series, prepared: dict[str, float]) -> list[str]:
    before = prepared.get(one.system, 0)
    return [
        one.system, report.part(one, "add"), report.part(one, "answer"), report.wall(one), report.times(one, grandstand),
        report.cpu(one), report.peak(one), report.seconds(before) if before >= 0.01 else "",
    ]  # fmt: skip


def _description(bench: Bench, dataset: Dataset) -> str:
    return (
        f"A day is added to {len(dataset.days)} days of {ours.row_count(bench, dataset):,} events in all, as strings, then "
        f"{RULES} rules are answered; {bench.threads} threads, files in memory, medians of {bench.repeats} rounds. Ours reads "
        "CSV, ClickHouse Parquet. *Prepared in* is what ClickHouse takes once to aggregate the days before; aggregates by rule have to be made anew for each new or changed rule. "
        f"Every rule has the same size in all systems.\n\n{report.machine(bench.grandstand_version())}"
    )
