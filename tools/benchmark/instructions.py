"""Instructions of small fixed jobs: figures that do not depend on what else the machine does.

Counted by valgrind, on one thread and with Swift's hashes seeded alike. They depend on the compiler, so they are compared on one
machine, or on machines alike.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import ours, report, rules
from .bench import ROOT, Bench, BenchError
from .dataset import STRINGS, Dataset
from .segments import write_segments

TABLE = ROOT / "docs" / "instructions.tsv"
EVENTS, USERS, RULES = 20_000, 667, 100
READERS = 300


@dataclass(frozen=True)
class Job:
    """A command that does the same every time, once its folder is made."""

    name: str
    folder: Path
    arguments: tuple[str, ...]
    before: tuple[Path, ...] = ()
    """What is removed first."""


def run(bench: Bench, write: bool, limit: float | None) -> tuple[str, bool]:
    """Counts all jobs. Returns a table, and whether none takes more than the committed figure and `limit` percent."""
    for program, package in (("valgrind", "valgrind"), ("strip", "binutils")):
        if not shutil.which(program):
            raise BenchError(f"{program} is missing: apt-get install {package}")
    jobs = _jobs(bench)
    program = bench.work / "instructions" / "grandstand"
    # Valgrind stumbles over debug information that is newer than itself; the names of functions stay.
    subprocess.run(["strip", "--strip-debug", "-o", program, bench.grandstand], check=True)
    counted = {job.name: _count(program, job) for job in jobs}
    committed = _committed()
    rows, fine = [], True
    for name, count in counted.items():
        before = committed.get(name)
        change = (count - before) / before * 100 if before else None
        fine = fine and (limit is None or change is None or change <= limit)
        rows.append([name, f"{count:,}", f"{before:,}" if before else "", "new" if change is None else f"{change:+.2f} %"])
    if write:
        TABLE.write_text("job\tinstructions\n" + "".join(f"{name}\t{count}\n" for name, count in counted.items()))
    return report.table(["job", "instructions", "committed", "difference"], rows), fine


def _committed() -> dict[str, int]:
    if not TABLE.exists():
        return {}
    lines = [line.split("\t") for line in TABLE.read_text().splitlines()[1:]]
    return {name: int(count) for name, count in lines}


def _count(program: Path, job: Job) -> int:
    for path in job.before:
        if path.exists():
            shutil.rmtree(path)
    profile = program.parent / f"{job.name.replace(' ', '-')}.callgrind"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", str(program), *job.arguments]
    variables = {"SWIFT_DETERMINISTIC_HASHING": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=job.folder, env=variables, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise BenchError(f"{job.name}: {done.stderr[-2000:]}")
    report.say(f"  {job.name:<48} {int(found[1]):>16,}   {profile}")
    return int(found[1])


def _jobs(bench: Bench) -> list[Job]:
    folder = bench.work / "instructions"
    if folder.exists():
        shutil.rmtree(folder)
    neutral, example = folder / "neutral", folder / "example"
    for project in (neutral, example):
        project.mkdir(parents=True)
    dataset = Dataset(folder / "data")
    bench.prepare(job="generate", data=str(dataset.folder), events=EVENTS, users=USERS)
    bench.prepare(job="feed", files=[str(file) for file in dataset.files(STRINGS)], target=str(neutral / "rows.csv"))
    # Parquet comes from another process, whose pace would show in the counts.
    (neutral / "grandstand.yaml").write_text(ours.PROJECT.format(buckets=4).replace("parquet", "csv"))
    write_segments(rules.generate(dataset.facts, dataset.days[-1], RULES), neutral / "segments")
    shutil.copy(ROOT / "grandstand.yaml", example)
    shutil.copytree(ROOT / "segments", example / "segments", ignore=shutil.ignore_patterns("wishes", "*.md"))
    one = ("--threads", "1", "--quiet")
    events = example / "events"
    return [
        Job("generate", example, ("generate", "events", "--users", str(READERS), "--days", "3", *one), (events,)),
        Job("ingest snowplow", example, ("ingest", "events", *one), (example / ".grandstand",)),
        Job("run of the examples", example, ("run", "--as-of", "2026-11-18", *one)),
        Job("ingest csv", neutral, ("ingest", "rows.csv", *one), (neutral / ".grandstand",)),
        Job("run of 100 neutral rules", neutral, ("run", "--as-of", str(dataset.days[-1]), *one)),
        Job("check of 100 neutral rules", neutral, ("check", "--quiet")),
    ]
