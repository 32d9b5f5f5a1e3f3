"""The product by itself on its own made-up traffic: generate, ingest, runs of the example segments, start-up."""

from __future__ import annotations

import json
import shutil
import subprocess

from . import measure, ours, report
from .bench import ROOT, Bench, BenchError


def run(bench: Bench, readers: int, days: int) -> str:
    """Measures each step once, one after the other."""
    folder = bench.work / f"product-{readers}-{days}"
    folder.mkdir(parents=True, exist_ok=True)
    segments = folder / "segments"
    if segments.exists():
        shutil.rmtree(segments)
    # The wishes need attributes and lists.
    shutil.copytree(ROOT / "segments", segments, ignore=shutil.ignore_patterns("wishes"))
    project = (ROOT / "grandstand.yaml").read_text().splitlines()
    buckets = max(64, ours.bucket_count(readers))
    kept = [f"buckets: {buckets}" if line.startswith("buckets:") else line for line in project]
    (folder / "grandstand.yaml").write_text("\n".join(kept) + "\n")
    rows = []

    def step(label: str, *arguments: str) -> None:
        outcome = measure.run([str(bench.grandstand), *arguments], bench.limits, folder)
        # A segment withheld is a finding of the example data, not a failure.
        if outcome.failure not in (None, "exit code 1"):
            raise BenchError(f"{label}: {outcome.failure}\n{outcome.errors[-2000:]}")
        report.say(f"  {label:<40} {outcome.wall:8.2f} s")
        rows.append([label, f"{outcome.wall:.3f} s", f"{outcome.cpu:.3f} s", report.memory(outcome.peak_bytes)])

    if not (folder / "events").exists():
        traffic = ("--users", str(readers), "--days", str(days))
        step("generate", "generate", "events", *traffic, "--quiet")
    if (folder / ".grandstand").exists():
        shutil.rmtree(folder / ".grandstand")
    step("ingest (gzip, contexts extracted)", "ingest", "events", "--memory", "512MiB", "--quiet")
    for threads in sorted({1, bench.threads}):
        step(f"run of all segments, {threads} threads", "run", "--threads", str(threads), "--from-scratch", "--quiet")
    step(f"run of one segment, {bench.threads} threads", "run", "--select", "formula-1-fans", "--quiet")
    step("start-up (--version)", "--version")
    info = json.loads(subprocess.run([bench.grandstand, "info", "--json"], cwd=folder, capture_output=True, check=True).stdout)
    stored = f"{info['rows']:,} rows of {info['users']:,} users stored, {info['bytes'] / max(info['rows'], 1):.0f} bytes a row."
    table = report.table(["step", "wall", "processor", "peak memory"], rows)
    return f"{readers:,} readers, {days} days: {stored}\n\n{report.machine(bench.grandstand_version())}\n\n{table}"
