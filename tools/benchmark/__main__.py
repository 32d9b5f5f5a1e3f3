"""The command line: `tools/bench`, which has made an environment with the peers and built the program."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from . import agree, ingest, instructions, measure, night, product, report, scan
from .bench import ROOT, Bench, BenchError, default_threads
from .dataset import VARIANTS

DOCUMENT = ROOT / "docs" / "benchmarks.md"
EVENTS_OF_A_USER = 30

DESCRIPTION = """\
Measure Grandstand beside Polars, DuckDB and ClickHouse (chDB), on the same rows and rules.

Each measurement is a fresh process; all systems take turns, so that what else the machine does hits all alike. Every rule must have
the same size in all systems. Tables go into docs/benchmarks.md.
"""

EXAMPLES = """\
campaigns:
  all           scan, ingest and night (the default)
  scan          1, 100 and 1,000 rules over all events
  cold          the same with all files dropped from memory before each measurement
  ingest        Snowplow's gzip TSV with JSON values
  night         a day comes in, and 100 rules are answered; ClickHouse with and without kept aggregates
  instructions  instruction counts of small fixed jobs, beside those in docs/instructions.tsv
  product       Grandstand alone: generate, ingest, runs of the example segments, start-up
  agree         only whether all systems give each rule the same size; no times

examples:
  tools/bench --quick
      about 2 M events, 1 and 100 rules, 3 rounds: a few minutes; prints the tables
  tools/bench scan --rules 1,100,1000 --repeats 5
      the table of the scan in docs/benchmarks.md
  tools/bench scan --data /data/events --store /data/project
      with events and a store that are there already
  tools/bench instructions --limit 2
      exit code 1 if a job takes over 2 % more instructions than committed
  tools/bench instructions --write
      take the counts as the new ones
  tools/bench agree --rules 50 --events 20000 --peers duckdb,polars

exit codes:
  0 done   1 sizes differ, or more instructions than allowed   2 could not be done
"""


def main() -> int:
    """Runs a campaign and returns the exit code."""
    options = parser().parse_args()
    # Grandstand reads Parquet with the pyarrow of this environment.
    os.environ["GRANDSTAND_PYTHON"] = sys.executable
    try:
        return Campaigns(bench_of(options), options).run(options.campaign)
    except (BenchError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class Campaigns:
    """Runs campaigns by name; each prints its table, or puts it into the document."""

    def __init__(self, bench: Bench, options: argparse.Namespace) -> None:
        self.bench, self.options = bench, options
        self.writes = options.write if options.write is not None else not options.quick

    def run(self, campaign: str) -> int:
        """Runs one and returns the exit code."""
        return getattr(self, campaign)()

    def all(self) -> int:
        """The three beside the peers."""
        return max(self.scan(), self.ingest(), self.night())

    def scan(self) -> int:
        """1, 100 and 1,000 rules."""
        return self.publish_agreed("scan", scan.run(self.bench))

    def cold(self) -> int:
        """The scan from disk."""
        return self.publish_agreed("cold", scan.run(self.bench, cold=True))

    def night(self) -> int:
        """A day and a hundred rules."""
        return self.publish_agreed("night", night.run(self.bench))

    def ingest(self) -> int:
        """Snowplow's files."""
        return self.publish("ingest", ingest.run(self.bench))

    def instructions(self) -> int:
        """Instruction counts, whose figures are a file of their own."""
        text, fine = instructions.run(self.bench, bool(self.options.write), self.options.limit)
        print(text)
        return 0 if fine else 1

    def product(self) -> int:
        """Grandstand alone."""
        return self.publish("product", product.run(self.bench, self.options.readers, self.options.days))

    def agree(self) -> int:
        """Sizes only."""
        text, differences = agree.run(self.bench)
        print(text)
        return said_differences(differences)

    def publish_agreed(self, mark: str, result: scan.ScanResult) -> int:
        """A table of systems that must agree; one that they do not agree on is not written."""
        if not result.disagreements:
            return self.publish(mark, result.text)
        print(result.text)
        return said_differences(result.disagreements)

    def publish(self, mark: str, text: str) -> int:
        """Prints a table, and writes it if that is wanted."""
        print(f"{text}\n", flush=True)
        if self.writes:
            report.put(DOCUMENT, mark, text)
        return 0


def said_differences(differences: list[str]) -> int:
    """Names the rules whose sizes differ, and returns the exit code."""
    for difference in differences:
        print(f"error: the size of {difference}", file=sys.stderr)
    return 1 if differences else 0


def bench_of(options: argparse.Namespace) -> Bench:
    """The options as campaigns take them. What is not said is that of a quick or of a full version."""
    events = options.events or (2_000_000 if options.quick else 60_000_000)
    rule_counts = options.rules or ((1, 100) if options.quick else (1, 100, 1000))
    work = options.work or ROOT / ".bench" / (options.data.name if options.data else f"{events}-events")
    memory = options.memory * (1 << 30) if options.memory else measure.default_memory_limit()
    return Bench(
        grandstand=options.grandstand.resolve(),
        work=work.resolve(),
        data=options.data,
        store=options.store,
        events=events,
        users=options.users or max(1, events // EVENTS_OF_A_USER),
        rule_counts=tuple(rule_counts),
        repeats=options.repeats or (3 if options.quick else 5),
        threads=options.threads or default_threads(),
        limits=measure.Limits(options.timeout, int(memory)),
        peers=tuple(options.peers),
        variants=tuple(options.variants),
    )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="tools/bench", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ["all", "scan", "cold", "ingest", "night", "instructions", "product", "agree"]
    made.add_argument("campaign", nargs="?", choices=names, default="all", metavar="CAMPAIGN", help="see below")
    made.add_argument("--quick", action="store_true", help="a small version, printed and not written")
    made.add_argument("--write", action=argparse.BooleanOptionalAction, help="put the tables into docs/benchmarks.md")
    size = made.add_argument_group("what is measured")
    size.add_argument("--rules", type=counts, metavar="N,N", help="how many rules (1,100,1000; quick: 1,100)")
    size.add_argument("--repeats", type=int, metavar="N", help="rounds (5; quick: 3); more than 100 rules: one of the peers'")
    size.add_argument("--events", type=int, metavar="N", help="how many events are made (60,000,000; quick: 2,000,000)")
    size.add_argument("--users", type=int, metavar="N", help="of how many users (a thirtieth of the events)")
    size.add_argument("--threads", type=int, metavar="N", help="threads of each system (all processors)")
    peers = list(scan.PEERS)
    size.add_argument("--peers", type=some_of(peers), default=peers, metavar="NAMES", help=f"{', '.join(peers)}; or none")
    size.add_argument("--variants", type=some_of(VARIANTS), default=VARIANTS, metavar="NAMES", help=", ".join(VARIANTS))
    size.add_argument("--readers", type=int, default=100_000, metavar="N", help="of the product's traffic (100,000)")
    size.add_argument("--days", type=int, default=7, metavar="N", help="of the product's traffic (7)")
    size.add_argument("--limit", type=float, metavar="PERCENT", help="how many more instructions are no failure")
    place = made.add_argument_group("where")
    place.add_argument("--data", type=Path, metavar="DIR", help="events that are there already")
    place.add_argument("--store", type=Path, metavar="DIR", help="a project that has them already; it is only read")
    place.add_argument("--work", type=Path, metavar="DIR", help="for everything that is made (.bench/…)")
    program = ROOT / ".build/release/grandstand"
    place.add_argument("--grandstand", type=Path, default=program, metavar="FILE", help="the program (built here)")
    limits = made.add_argument_group("limits of each measurement")
    limits.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="then it is '> 300 s' (300)")
    limits.add_argument("--memory", type=float, metavar="GIB", help="resident memory (seven eighths of the machine's)")
    return made


def counts(text: str) -> list[int]:
    """Numbers of rules."""
    return sorted({int(word) for word in text.split(",")})


def some_of(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A list of known names, or none."""

    def parse(text: str) -> list[str]:
        names = [] if text == "none" else text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
        return names

    return parse


if __name__ == "__main__":
    sys.exit(main())
