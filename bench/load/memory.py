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
"""A worker's median in the last quarter of a run, over its median in the second. What a function remembers is bounded
(512 wallets, about 1.5 MB) and there by then; the rest is the allocator's, which gives nothing back."""
LEAST_SAMPLES: Final = 3
"""In each of the two quarters; workers that came later or went earlier say nothing about growth."""
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
        """One for each function: its workers, the largest one, and the one that grew most."""
        found: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
        for (function, _), samples in self._samples.items():
            found[function].append((max(size for _, size in samples), self._growth(samples)))
        return [
            {
                "function": function,
                "workers": len(sizes),
                "largest_mb": round(max(size for size, _ in sizes), 1),
                "watched": sum(growth is not None for _, growth in sizes),
                "growth_mb": round(
                    max((growth for _, growth in sizes if growth is not None), default=0.0), 1
                ),
            }
            for function, sizes in sorted(found.items())
        ]

    def _growth(self, samples: Sequence[tuple[float, float]]) -> float | None:
        quarter = (self._ended - self._began) / 4
        parts: list[list[float]] = [[], [], [], []]
        for at, size in samples:
            parts[min(3, int((at - self._began) / quarter))].append(size)
        if min(len(parts[1]), len(parts[3])) < LEAST_SAMPLES:
            return None
        return median(parts[3]) - median(parts[1])


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
