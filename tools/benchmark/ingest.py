"""Ingest of Snowplow's gzip TSV with JSON values, beside the peers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from . import measure, ours, report
from .bench import ROOT, Bench, BenchError, peer_sample
from .samples import Sample, Series

PEERS = {"polars": "Polars, to Parquet", "duckdb": "DuckDB, to Parquet", "clickhouse": "ClickHouse, to MergeTree"}
MOST_READERS, DAYS = 20_000, 7
"""1.5 million rows: no system is faster for each row of more."""

BROKEN_SHARE = 0.001
"""The files have a few broken lines, which each system drops in its own way."""


def run(bench: Bench) -> str:
    """Measures the ingest of each system, interleaved."""
    events = snowplow_files(bench, min(MOST_READERS, max(100, bench.events // 400)), DAYS)
    files = measure.files_below(events)
    grandstand = Series(f"**Grandstand**, {bench.threads} threads", "")
    peers = {peer: Series(f"{name}, {bench.threads} threads", "") for peer, name in PEERS.items() if peer in bench.peers}
    rows = 0
    for turn in range(bench.repeats):
        report.say(f"ingest, round {turn + 1} of {bench.repeats}")
        measure.warm(files)
        sample, rows = _our_ingest(bench, events)
        _keep(bench, turn, grandstand, sample)
        for peer, series in peers.items():
            if not series.failure:
                measure.warm(files)
                _keep(bench, turn, series, _peer_ingest(bench, peer, events, rows))
    header = ["system", "rows a second", "wall", "to ours", "processor", "processor a row", "peak memory"]
    table = report.table(header, [_row(one, grandstand, rows) for one in [grandstand, *peers.values()]])
    size = sum(file.stat().st_size for file in files)
    return (
        f"{rows:,} rows of Snowplow's enriched TSV in {len(files)} gzip files, {size / 1e6:,.0f} MB; values of JSON contexts "
        f"extracted, files in memory, medians of {bench.repeats} rounds. The peers only read; ours also drops bots and "
        f"duplicates and folds page pings into dwell.\n\n{report.machine(bench.grandstand_version())}\n\n{table}"
    )


def snowplow_files(bench: Bench, readers: int, days: int) -> Path:
    """Made-up files of so many readers, made once."""
    folder = bench.work / f"snowplow-{readers}-{days}"
    if not (folder / "complete").exists():
        report.say(f"making Snowplow files of {readers:,} readers …")
        if folder.exists():
            shutil.rmtree(folder)
        command = [bench.grandstand, "generate", folder / "events", "--users", str(readers), "--days", str(days), "--quiet"]
        subprocess.run(command, check=True)
        (folder / "complete").touch()
    return folder / "events"


def _our_ingest(bench: Bench, events: Path) -> tuple[Sample, int]:
    folder = bench.work / "ingest-ours"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "grandstand.yaml", folder)
    command = [str(bench.grandstand), "ingest", str(events.resolve()), "--threads", str(bench.threads), "--json"]
    outcome = measure.run(command, bench.limits, folder)
    if outcome.failure:
        raise BenchError(f"ingest: {outcome.failure}\n{outcome.errors[-2000:]}")
    return Sample(outcome.wall, outcome.cpu, outcome.peak_bytes), json.loads(outcome.output)["read"]


def _peer_ingest(bench: Bench, peer: str, events: Path, rows: int) -> Sample:
    target = bench.work / f"ingest-{peer}"
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    outcome = bench.worker(
        job="ingest", peer=peer, source=str(events.resolve()), target=str(target.resolve()), threads=bench.threads,
        memory_bytes=bench.peer_memory_bytes,
    )  # fmt: skip
    if not outcome.failure:
        read = json.loads(outcome.output.splitlines()[-1])["rows"]
        if abs(read - rows) > max(3, rows * BROKEN_SHARE):
            raise BenchError(f"{PEERS[peer]} read {read:,} rows, Grandstand {rows:,}")
    return peer_sample(outcome)


def _keep(bench: Bench, turn: int, series: Series, sample: Sample) -> None:
    series.samples.append(sample)
    report.say_sample(series.system, sample)
    bench.record(campaign="ingest", round=turn, name=series.system, **vars(sample))


def _row(one: Series, grandstand: Series, rows: int) -> list[str]:
    if one.failure:
        return [one.system, "", one.failure, "", "", "", report.peak(one)]
    rate = rows / one.median(lambda sample: sample.wall)
    microseconds = one.median(lambda sample: sample.cpu) / rows * 1e6
    return [
        one.system, f"{rate:,.0f}", report.wall(one), report.times(one, grandstand), report.cpu(one), f"{microseconds:.1f} µs",
        report.peak(one),
    ]  # fmt: skip
