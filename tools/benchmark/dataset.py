"""A folder of events as Parquet files by day, twice: as strings in order of arrival, and as integers sorted by user."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

STRINGS = "strings"
"""As users have it: UUIDs and names as text, rows in order of arrival."""

INTEGERS = "integers"
"""The peers' best case: dense numbers of users, a code for each value, rows sorted by user and time. The codes of sections
are in the order of their names, so that a section with all below it is a range of codes."""

VARIANTS = (STRINGS, INTEGERS)

_PREFIXES = {STRINGS: "a", INTEGERS: "b"}


@dataclass(frozen=True)
class Dataset:
    """The layout is `{a,b}_CODEC/dt=YYYY-MM-DD/part-0.parquet` and `dict.json`, which has the values of each field in the order of
    their codes, `start`, `days`, `users` and `events`."""

    folder: Path

    @cached_property
    def facts(self) -> dict:
        """What `dict.json` says."""
        return json.loads((self.folder / "dict.json").read_text())

    @property
    def first_day(self) -> datetime.date:
        """The first day with events."""
        return datetime.date.fromisoformat(self.facts["start"])

    @property
    def days(self) -> list[datetime.date]:
        """All days with events, in order."""
        return [self.first_day + datetime.timedelta(days=n) for n in range(self.facts["days"])]

    def variant_folder(self, variant: str) -> Path:
        """The folder of the days of a variant, whichever its codec."""
        found = sorted(self.folder.glob(f"{_PREFIXES[variant]}_*"))
        if not found:
            raise FileNotFoundError(f"{self.folder} has no folder {_PREFIXES[variant]}_… ({variant})")
        return found[0]

    def files(self, variant: str) -> list[Path]:
        """The Parquet files of a variant, in order of days."""
        return sorted(self.variant_folder(variant).glob("dt=*/*.parquet"))

    def day_file(self, variant: str, day: datetime.date) -> Path:
        """The Parquet file of a day."""
        return self.variant_folder(variant) / f"dt={day}" / "part-0.parquet"

    def code(self, field: str, value: str) -> int:
        """The integer that stands for a value; authors and tags are numbered in their names."""
        if field in ("author", "tag"):
            return int(value.rsplit("-", 1)[1])
        return self.facts[field].index(value)

    def codes_below(self, prefix: str) -> tuple[int, int]:
        """The first and last code of the sections whose names begin with a prefix."""
        codes = [code for code, name in enumerate(self.facts["section"]) if name.startswith(prefix)]
        return codes[0], codes[-1]


def variant_folder_name(variant: str) -> str:
    """Where the generator writes a variant."""
    return f"{_PREFIXES[variant]}_lz4"
