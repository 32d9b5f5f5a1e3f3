"""What all campaigns share: options, folders, limits, and how a process is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import measure
from .dataset import VARIANTS, Dataset
from .report import say
from .samples import Sample

ROOT = Path(__file__).resolve().parents[2]
PREPARATION_SECONDS = 3 * 3600.0


class BenchError(Exception):
    """Something that has to be mended before anything can be measured."""


@dataclass(frozen=True)
class Bench:
    """The options of a campaign."""

    grandstand: Path
    work: Path
    data: Path | None
    store: Path | None
    events: int
    users: int
    rule_counts: tuple[int, ...]
    repeats: int
    threads: int
    limits: measure.Limits
    peers: tuple[str, ...]
    variants: tuple[str, ...] = VARIANTS

    @property
    def peer_memory_bytes(self) -> int:
        """What a peer is told that it may take: somewhat less than what it is killed at, so that it may spill."""
        return self.limits.memory_bytes // 10 * 9

    def dataset(self) -> Dataset:
        """The events, which are made first if they are not there."""
        dataset = Dataset(self.data or self.work / "data")
        if (dataset.folder / "dict.json").exists():
            return dataset
        if self.data:
            raise BenchError(f"{self.data} has no dict.json: it is no folder of events")
        say(f"making {self.events:,} events of {self.users:,} users …")
        self.prepare(job="generate", data=str(dataset.folder), events=self.events, users=self.users)
        return dataset

    def worker(self, limits: measure.Limits | None = None, **job: object) -> measure.Outcome:
        """Runs a job of `worker` in a process of its own."""
        return measure.run(
            [sys.executable, "-m", "benchmark.worker", json.dumps(job)],
            limits or self.limits,
            variables=self.variables,
        )

    @property
    def variables(self) -> dict[str, str]:
        """The environment of jobs."""
        return {"PYTHONPATH": str(ROOT / "tools"), "POLARS_MAX_THREADS": str(self.threads)}

    def prepare(self, **job: object) -> dict:
        """Runs a job that has to succeed, and returns its result if it has one."""
        outcome = self.worker(measure.Limits(PREPARATION_SECONDS, self.limits.memory_bytes), **job)
        if outcome.failure:
            raise BenchError(f"{job['job']}: {outcome.failure}\n{outcome.errors[-2000:]}")
        return json.loads(outcome.output.splitlines()[-1]) if outcome.output else {}

    def peer_job(self, dataset: Dataset, variant: str, scratch: Path) -> dict[str, object]:
        """What every job of a peer says."""
        scratch.mkdir(parents=True, exist_ok=True)
        return {
            "data": str(dataset.folder.resolve()),
            "variant": variant,
            "threads": self.threads,
            "memory_bytes": self.peer_memory_bytes,
            "scratch": str(scratch.resolve()),
        }

    def record(self, **facts: object) -> None:
        """Keeps a sample at once: an hour of measurements shall not be lost with the last of them."""
        self.work.mkdir(parents=True, exist_ok=True)
        with open(self.work / "samples.jsonl", "a") as file:
            file.write(json.dumps(facts) + "\n")

    def grandstand_version(self) -> str:
        """What our program calls itself."""
        return subprocess.run([self.grandstand, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def peer_sample(outcome: measure.Outcome) -> Sample:
    """The sample of a peer's job: the sum of what it printed. One that failed took as long as its process."""
    lines = [json.loads(line) for line in outcome.output.splitlines() if line.startswith("{")]
    sizes: dict[str, int] = {}
    for line in lines:
        sizes |= line.get("sizes", {})
    if outcome.failure and not outcome.failure.startswith(">"):
        say(outcome.errors[-1000:])
    return Sample(
        wall=outcome.wall if outcome.failure else sum(line["wall"] for line in lines),
        cpu=sum(line["cpu"] for line in lines),
        peak_bytes=outcome.peak_bytes,
        sizes=sizes,
        failure=outcome.failure,
        parts={line["step"]: line["wall"] for line in lines if "step" in line},
    )


def default_threads() -> int:
    """All processors."""
    return os.cpu_count() or 1
