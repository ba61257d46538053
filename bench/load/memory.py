"""The resident memory of the functions' workers: processes of the local AWS, read in /proc every few seconds."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

from bench.stage import median

EVERY_SECONDS: Final = 5.0
GROWTH_MB: Final = 8.0
"""The largest worker's median in the last quarter of a run, over that in the second. What a function remembers is
bounded (512 wallets, about 1.5 MB) and there by then; the rest is the allocator's, which gives nothing back."""
LEAST_SAMPLES: Final = 3
"""In a quarter; a worker that was there more shortly says nothing about it."""
_FUNCTION = re.compile(r"([A-Z]\w+)Function")


class Watch:
    """Samples until it is stopped. A context manager."""

    def __init__(self, workdir: Path) -> None:
        self._workdir = str(workdir)
        self._samples: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._ended = time.monotonic()

    def _run(self) -> None:
        while True:
            for worker, megabytes in workers(self._workdir).items():
                self._samples[worker].append((time.monotonic(), megabytes))
            if self._stop.wait(EVERY_SECONDS):
                return

    def rows(self) -> list[dict[str, Any]]:
        """One for each function: its workers, the largest ever, and the largest one's median in each quarter. Of the
        largest, since a worker may import a provider's SDK late that another has had from the start."""
        found: dict[str, list[list[float | None]]] = defaultdict(list)
        largest: dict[str, float] = defaultdict(float)
        for (function, _), samples in self._samples.items():
            found[function].append(self._quarters(samples))
            largest[function] = max(largest[function], *(size for _, size in samples))
        rows = []
        for function, every in sorted(found.items()):
            known = [[size for size in column if size is not None] for column in zip(*every, strict=True)]
            quarters = [round(max(sizes), 1) if sizes else None for sizes in known]
            second, last = quarters[1], quarters[3]
            growth = round(last - second, 1) if last is not None and second is not None else None
            rows.append(
                {
                    "function": function,
                    "workers": len(every),
                    "largest_mb": round(largest[function], 1),
                    "quarters_mb": quarters,
                    "growth_mb": growth,
                }
            )
        return rows

    def _quarters(self, samples: Sequence[tuple[float, float]]) -> list[float | None]:
        """A worker's median in each quarter of the run; None where it was there too short."""
        quarter = (self._ended - self._began) / 4
        parts: list[list[float]] = [[], [], [], []]
        for at, size in samples:
            parts[min(3, int((at - self._began) / quarter))].append(size)
        return [median(part) if len(part) >= LEAST_SAMPLES else None for part in parts]


def workers(workdir: str) -> dict[tuple[str, int], float]:
    """Megabytes that each worker of a stack has resident, by function and process id."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        command = _read(process / "cmdline")
        named = _FUNCTION.search(command) if workdir in command else None
        resident = (
            re.search(r"^VmRSS:\s+(\d+) kB", _read(process / "status"), re.MULTILINE) if named else None
        )
        if named and resident:
            found[named[1], int(process.name)] = int(resident[1]) / 1024
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
