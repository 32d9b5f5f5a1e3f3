"""Grandstand's side: a project with the events of a dataset, views of it with other segments, and a run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import measure
from .bench import Bench, BenchError
from .dataset import STRINGS, Dataset
from .report import say
from .rules import RuleSet
from .samples import Sample
from .segments import write_segments

PROJECT = """\
# Events as they are: no page pings are folded, so that every system has the same rows.
buckets: {buckets}
events: {{view: page_view, click: link_click, ping: none}}
sources:
  rows:
    format: parquet
    files: ["*.parquet"]
    user: user_id
    time: ts
    dwell_unit: ms
    fields: {{event: event, article: article, section: section, author: author, tag: tag, device: device, brand: brand,
      element: element, dwell: dwell_ms, props.variant: variant, props.consent: consent}}
"""


@dataclass(frozen=True)
class GrandstandProject:
    """A folder with a `grandstand.yaml`."""

    folder: Path

    @property
    def file(self) -> Path:
        """Its project file."""
        return self.folder / "grandstand.yaml"

    @property
    def store(self) -> Path:
        """Where its store is."""
        named = re.search(r"^store:\s*(\S+)", self.file.read_text(), re.MULTILINE)
        return self.folder / (named[1] if named else ".grandstand/store")

    def store_files(self) -> list[Path]:
        """The files that a run reads."""
        kinds = ("events", "presence", "articles", "users")
        return [file for kind in kinds for file in measure.files_below(self.store / kind)]

    def view(self, folder: Path, rule_set: RuleSet) -> GrandstandProject:
        """A project with the same store and other segments, which keeps its runs to itself: links to what never changes."""
        if folder.exists():
            shutil.rmtree(folder)
        (folder / "store").mkdir(parents=True)
        for entry in self.store.iterdir():
            if entry.name not in ("runs", "tmp"):
                (folder / "store" / entry.name).symlink_to(entry.resolve())
        return self._with_store(folder, rule_set)

    def copy(self, folder: Path, rule_set: RuleSet) -> GrandstandProject:
        """A project with a store that can be added to: files are never changed in place, so they may be shared."""
        if folder.exists():
            shutil.rmtree(folder)
        ignored = shutil.ignore_patterns("runs", "tmp")
        shutil.copytree(self.store, folder / "store", ignore=ignored, copy_function=_link_or_copy)
        return self._with_store(folder, rule_set)

    def _with_store(self, folder: Path, rule_set: RuleSet) -> GrandstandProject:
        for name in ("runs", "tmp"):
            (folder / "store" / name).mkdir()
        kept = [line for line in self.file.read_text().splitlines() if not re.match(r"(store|segments):", line)]
        (folder / "grandstand.yaml").write_text("\n".join(["store: store", "segments: segments", *kept]) + "\n")
        write_segments(rule_set, folder / "segments")
        return GrandstandProject(folder)

    def clear_runs(self) -> None:
        """Forgets earlier runs, so that each run does the same."""
        runs = self.store / "runs"
        shutil.rmtree(runs)
        runs.mkdir()

    def sizes(self) -> dict[str, int]:
        """The number of users of each segment of the only run."""
        record = next((self.store / "runs").glob("*/record.json"))
        return {segment["id"]: segment["size"] for segment in json.loads(record.read_text())["segments"]}


def _link_or_copy(source: str, target: str) -> None:
    # CURRENT and LOCK stand at the top of a store; a lock of the copy shall not be one of the original.
    if Path(source).name not in ("CURRENT", "LOCK"):
        try:
            os.link(source, target)
            return
        except OSError:
            pass  # Another file system: a copy does as well.
    shutil.copy2(source, target)


def bucket_count(users: int) -> int:
    """About one bucket for 8,000 users."""
    buckets = 1
    while buckets * 8000 < users:
        buckets *= 2
    return buckets


def project_of(bench: Bench, dataset: Dataset) -> GrandstandProject:
    """The project with all events of a dataset: the one that was given, or one that is ingested first."""
    project = GrandstandProject(bench.store or bench.work / "project")
    if not bench.store and not (project.folder / "complete").exists():
        say("ingesting for Grandstand …")
        if project.folder.exists():
            shutil.rmtree(project.folder)
        project.folder.mkdir(parents=True)
        project.file.write_text(PROJECT.format(buckets=bucket_count(dataset.facts["users"])))
        files = [dataset.day_file(STRINGS, day) for day in dataset.days]
        # A day at a time, as nights would.
        for file in files:
            command = [bench.grandstand, "ingest", file, "--project", project.file, "--quiet"]
            subprocess.run(command, check=True)
        (project.folder / "complete").touch()
    stored, expected = stored_rows(bench, project), row_count(bench, dataset)
    if stored != expected:
        raise BenchError(f"{project.folder} has {stored:,} rows, {dataset.folder} has {expected:,}: not the same events")
    return project


def stored_rows(bench: Bench, project: GrandstandProject) -> int:
    """How many rows a store has."""
    command = [bench.grandstand, "info", "--project", project.file, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["rows"]


def row_count(bench: Bench, dataset: Dataset) -> int:
    """How many rows a dataset has."""
    return bench.prepare(job="facts", data=str(dataset.folder), variant=STRINGS)["rows"]


def run_sample(bench: Bench, project: GrandstandProject, as_of: str, threads: int) -> Sample:
    """Measures a run of all segments: the whole process, from its start to members on disk."""
    project.clear_runs()
    command = [str(bench.grandstand), "run", "--as-of", as_of, "--threads", str(threads), "--quiet"]
    outcome = measure.run(command + ["--project", str(project.file.resolve())], bench.limits)
    if outcome.failure and not outcome.failure.startswith(">"):
        raise BenchError(f"run: {outcome.failure}\n{outcome.errors[-2000:]}")
    sizes = {} if outcome.failure else project.sizes()
    return Sample(outcome.wall, outcome.cpu, outcome.peak_bytes, sizes, outcome.failure)
