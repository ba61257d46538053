"""``python -m mutation``: tries changes by chance, room by room, and lists those that no test noticed."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from mutation import accepted
from mutation.changes import Change
from mutation.lines import Kept
from mutation.results import Result, Results, difference, digest
from mutation.rooms import ROOMS, Room
from mutation.trying import Copy

ROOT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = ROOT / ".local" / "mutation"
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
    parser.add_argument("-n", "--jobs", type=int, default=1, help="changes tried side by side")
    parser.add_argument("--measure", action="store_true", help="measure anew which tests run which line")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    names = given.room or list(ROOMS)
    lines = Kept.of(ROOT, KEPT)
    if any(not ROOMS[name].tests for name in names):
        lines.measure(given.jobs + 1, again=given.measure)
    results = Results(KEPT / "results.jsonl")
    enough = True
    for name in names:
        noticed, tried = _Run(name, given.seed, lines, results).all(given.number, given.jobs)
        print(f"{name}: {noticed} of {tried} noticed, seed {given.seed}", flush=True)
        enough &= noticed * 100 >= WANTED * tried
    return 0 if enough else 1


@dataclass(frozen=True, slots=True)
class _Run:
    """Changes of one room, tried."""

    name: str
    seed: int
    lines: Kept
    results: Results

    def all(self, number: int, jobs: int) -> tuple[int, int]:
        """Tries changes and tells of each. Returns how many were noticed, and how many were tried."""
        copies: SimpleQueue[Copy] = SimpleQueue()
        made = [Copy(ROOT) for _ in range(jobs)]
        chosen = _chosen(made[0].place, ROOMS[self.name], self.seed, number)
        noticed = 0
        try:
            for copy in made:
                copies.put(copy)
            with ThreadPoolExecutor(jobs) as pool:
                for result, lines in pool.map(lambda change: self._one(change, copies), chosen):
                    noticed += result.noticed is not None
                    print(f"  {result}", flush=True)
                    if not result.noticed:
                        print(lines, flush=True)
        finally:
            for copy in made:
                copy.delete()
        return noticed, len(chosen)

    def _one(self, change: Change, copies: SimpleQueue[Copy]) -> tuple[Result, str]:
        """Tries a change. Returns what came of it, and its lines."""
        copy = copies.get()
        try:
            source = (copy.place / change.path).read_bytes()
            shown, file, lines = change.shown(source), digest(source), difference(change, source)
            if known := self.results.noticed(shown, file):
                return known, lines
            last = change.line + source[change.start : change.end].count(b"\n")
            room = ROOMS[self.name]
            tests = list(room.tests) or [*self.lines.running(change.path, change.line, last), *room.also]
            known_to_notice = [test for test in self.results.noticing(change.path) if test in tests]
            tests = [*dict.fromkeys([*known_to_notice, *tests])]
            tried = copy.tried(change, tests, self.lines.took(tests))
        finally:
            copies.put(copy)
        result = Result(self.seed, self.name, shown, file, tried.noticed, tried.tests, tried.seconds)
        self.results.add(result)
        return result, lines


def _chosen(root: Path, room: Room, seed: int, number: int) -> list[Change]:
    """Returns changes by chance, each of another line, without those that are accepted."""
    everything = room.all(root)
    random.Random(seed).shuffle(everything)
    chosen: dict[tuple[str, int], Change] = {}
    for change in everything:
        if len(chosen) == number:
            break
        if not accepted.reason(change, (root / change.path).read_bytes()):
            chosen.setdefault((change.path, change.line), change)
    return list(chosen.values())


if __name__ == "__main__":
    sys.exit(main())
