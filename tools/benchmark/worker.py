"""What runs in a process of its own: `python -m benchmark.worker JOB`, where JOB is JSON. Prints JSON lines.

Jobs that are measured print their own wall and processor seconds, without the start of Python and the import of libraries:
those are no part of a peer's work.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import rules
from .dataset import Dataset
from .engines import RULES_IN_A_PASS, ClickHouseEngine, Settings, engine


@contextmanager
def timed(result: dict) -> Iterator[None]:
    """Adds the wall and processor seconds of a block to a result."""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    yield
    result["wall"] = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    result["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(result: dict) -> None:
    """Prints a result at once, so that what was done before a process is killed is known."""
    print(json.dumps(result), flush=True)


def settings_of(job: dict) -> Settings:
    """The settings of a peer's job."""
    return Settings(
        Dataset(Path(job["data"])), job["variant"], job["threads"], job["memory_bytes"], Path(job["scratch"])
    )


def scan(job: dict) -> None:
    """A peer answers rules: one rule, or all if the job says so, by a query of its own; else a pass for each hundred."""
    peer = engine(job["peer"], settings_of(job))
    rule_set = rules.read(Path(job["rules"]), job["count"])
    for part in rule_set.passes(RULES_IN_A_PASS):
        result: dict = {}
        with timed(result):
            one_by_one = len(part.rules) == 1 or job.get("one_by_one", False)
            result["sizes"] = peer.sizes_one_by_one(part) if one_by_one else peer.sizes_in_one_pass(part)
        report(result)


def load(job: dict) -> None:
    """ClickHouse fills its own table."""
    result: dict = {}
    clickhouse = ClickHouseEngine(settings_of(job), native=True)
    with timed(result):
        clickhouse.load()
    report(result)


def night_prepare(job: dict) -> None:
    """ClickHouse aggregates all days of its table."""
    from .aggregates import keeper

    result: dict = {}
    kept = keeper(job["way"], settings_of(job), rules.read(Path(job["rules"]), job["count"]))
    with timed(result):
        kept.prepare()
    report(result)


def night(job: dict) -> None:
    """ClickHouse takes a day in, then answers rules from what it keeps."""
    from .aggregates import keeper

    kept = keeper(job["way"], settings_of(job), rules.read(Path(job["rules"]), job["count"]))
    kept.forget(job["day"])
    adding: dict = {"step": "add"}
    with timed(adding):
        kept.add(Path(job["file"]), job["day"])
    report(adding)
    answering: dict = {"step": "answer"}
    with timed(answering):
        answering["sizes"] = kept.sizes()
    report(answering)


def ingest(job: dict) -> None:
    """A peer reads Snowplow files into its own form."""
    from .snowplow import READERS

    result: dict = {}
    read = READERS[job["peer"]](Path(job["source"]), Path(job["target"]), job["threads"], job["memory_bytes"])
    with timed(result):
        count = read()
    result["rows"] = count()
    report(result)


def generate(job: dict) -> None:
    """Makes the events."""
    from .traffic import Traffic, write_dataset

    report({"rows": write_dataset(Traffic(job["events"], job["users"]), Path(job["data"]))})


def generate_next_day(job: dict) -> None:
    """Makes the day after the last."""
    from .traffic import write_next_day

    report({"day": str(write_next_day(Dataset(Path(job["data"])).facts, Path(job["target"])))})


def feed(job: dict) -> None:
    """Writes the rows of Parquet files as CSV."""
    from .feed import write_rows

    with open(job["target"], "wb") as output:
        write_rows([Path(file) for file in job["files"]], output)


def facts(job: dict) -> None:
    """How many rows a dataset has."""
    import pyarrow.parquet as pq

    dataset = Dataset(Path(job["data"]))
    rows = sum(pq.ParquetFile(file).metadata.num_rows for file in dataset.files(job["variant"]))
    report({"rows": rows})


JOBS: dict[str, Callable[[dict], None]] = {
    function.__name__: function
    for function in (scan, load, night_prepare, night, ingest, generate, generate_next_day, feed, facts)
}

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    JOBS[given["job"]](given)
