"""One measurement is one fresh process: its wall and processor time, its peak memory, or how it failed."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Limits:
    """What a process may take before it is killed. Memory is resident memory: several systems reserve far more than they use,
    so that a limit of address space would stop those that behave."""

    seconds: float
    memory_bytes: int


@dataclass(frozen=True)
class Outcome:
    """How a process ended."""

    wall: float
    cpu: float
    peak_bytes: int
    """Resident memory. The system counts that of the process which started it as well, so it is never below some 20 MiB."""
    output: str
    errors: str
    failure: str | None
    """None, or in a few words what went wrong: `> 300 s`, `> 20 GiB`, `exit code 1`."""


def default_memory_limit() -> int:
    """Seven eighths of the machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 8 * 7


def run(command: Sequence[str], limits: Limits, folder: Path | None = None, variables: dict[str, str] | None = None,
        input_file: Path | None = None) -> Outcome:  # fmt: skip
    """Runs a program to its end, or until it takes more than it may."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, open(input_file or os.devnull, "rb") as given:
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | (variables or {}), stdin=given, stdout=output, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        guard = _Guard(process.pid, limits, start)
        guard.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        guard.stop()
        # The process was waited for here, for its usage.
        process.returncode = code = os.waitstatus_to_exitcode(status)
        for stream in (output, errors):
            stream.seek(0)
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Outcome(
            wall=wall,
            cpu=used.ru_utime + used.ru_stime,
            peak_bytes=used.ru_maxrss * 1024,
            output=output.read().decode(errors="replace"),
            errors=errors.read().decode(errors="replace"),
            failure=guard.exceeded or (ended if code else None),
        )


class _Guard(threading.Thread):
    """Kills a process, with all that it started, when it exceeds its limits."""

    def __init__(self, process: int, limits: Limits, start: float) -> None:
        super().__init__(daemon=True)
        self.process, self.limits, self.start_time = process, limits, start
        self.exceeded: str | None = None
        self._ended = threading.Event()

    def run(self) -> None:
        try:
            # If memory runs out between two looks, the kernel shall take this process and not another.
            Path(f"/proc/{self.process}/oom_score_adj").write_text("1000")
            while not self._ended.wait(POLL_SECONDS):
                if time.monotonic() - self.start_time > self.limits.seconds:
                    return self._kill(f"> {self.limits.seconds:g} s")
                if self._resident() > self.limits.memory_bytes:
                    return self._kill(f"> {self.limits.memory_bytes / (1 << 30):.0f} GiB")
        except OSError:
            return  # It ended meanwhile.

    def stop(self) -> None:
        """To be called when the process has ended."""
        self._ended.set()
        self.join()

    def _resident(self) -> int:
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _kill(self, reason: str) -> None:
        self.exceeded = reason
        os.killpg(self.process, signal.SIGKILL)


def warm(files: Iterable[Path]) -> None:
    """Reads files once, so that the next process finds them in memory."""
    buffer = bytearray(MEBIBYTE)
    for file in files:
        with open(file, "rb", buffering=0) as stream:
            while stream.readinto(buffer):
                pass


def cool(files: Iterable[Path]) -> None:
    """Drops files from memory, so that the next process reads them from disk. Only clean pages can be dropped, so they are written
    first."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def files_below(folder: Path) -> list[Path]:
    """All files of a folder, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
