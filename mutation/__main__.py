"""``python -m mutation``: tries changes by chance, room by room, and lists those that no test noticed."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from mutation import accepted
from mutation.changes import Change
from mutation.lines import Lines, measured
from mutation.rooms import ROOMS, Room
from mutation.trying import Copy

ROOT: Final = Path(__file__).resolve().parent.parent
WANTED: Final = 95
"""Of 100 changes that mean something, so many must be noticed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0: enough was noticed in every room. 1: it was not."""
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="what chance comes from; else the time"
    )
    parser.add_argument(
        "--room", choices=ROOMS, action="append", help="where; may be said again; else everywhere"
    )
    parser.add_argument("--number", type=int, default=20, help="changes in each room")
    parser.add_argument("--jobs", type=int, default=2, help="changes tried side by side")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    rooms = given.room or list(ROOMS)
    lines = Lines({}, {})
    if any(not ROOMS[name].tests for name in rooms):
        lines = measured(ROOT, ROOT / ".local" / "mutation", given.jobs + 1)
    enough = True
    for name in rooms:
        chosen = _chosen(ROOMS[name], given.seed, given.number)
        unnoticed = list(_unnoticed(ROOMS[name], chosen, lines, given.jobs))
        noticed = len(chosen) - len(unnoticed)
        print(f"{name}: {noticed} of {len(chosen)} noticed", flush=True)
        enough &= noticed * 100 >= WANTED * len(chosen)
    return 0 if enough else 1


def _chosen(room: Room, seed: int, number: int) -> list[Change]:
    """Returns changes by chance, each of another line, without those that are accepted."""
    everything = room.all(ROOT)
    random.Random(seed).shuffle(everything)
    chosen: dict[tuple[str, int], Change] = {}
    for change in everything:
        if len(chosen) == number:
            break
        if not accepted.reason(change, (ROOT / change.path).read_bytes()):
            chosen.setdefault((change.path, change.line), change)
    return list(chosen.values())


def _unnoticed(room: Room, chosen: Sequence[Change], lines: Lines, jobs: int) -> Iterator[Change]:
    """Tries the changes and yields those that no test noticed, each told at once."""
    copies: SimpleQueue[Copy] = SimpleQueue()

    def tried(change: Change) -> bool:
        source = (ROOT / change.path).read_bytes()
        last = change.line + source[change.start : change.end].count(b"\n")
        tests = list(room.tests) or lines.running(change.path, change.line, last)
        copy = copies.get()
        try:
            return copy.noticed(change, tests)
        finally:
            copies.put(copy)

    made = [Copy(ROOT) for _ in range(jobs)]
    try:
        for copy in made:
            copies.put(copy)
        with ThreadPoolExecutor(jobs) as pool:
            for change, noticed in zip(chosen, pool.map(tried, chosen), strict=True):
                if not noticed:
                    print(f"  not noticed: {change.shown((ROOT / change.path).read_bytes())}", flush=True)
                    yield change
    finally:
        for copy in made:
            copy.delete()


if __name__ == "__main__":
    sys.exit(main())
