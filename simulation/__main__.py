"""``python -m simulation``: a run, its progress, and, where a law breaks, the shortest run that breaks it."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pool
from pathlib import Path
from typing import Final

from simulation import shrinking
from simulation.world import Report, World, steps

PART: Final = 50_000
"""Operations that are worth a process of their own."""
Part = tuple[int, int]
"""A seed, and how many operations of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the laws held. 1: one broke; it is said which, and how to see it again."""
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="what all chance comes from; the time where it is left out")
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count(), help="runs side by side, each of a seed of its own"
    )
    parser.add_argument("--replay", type=Path, help="a run that was saved where a law broke")
    parser.add_argument("--save", type=Path, default=Path(".local/broken.json"), help="where to")
    given = parser.parse_args(arguments)
    if given.replay:
        seed, saved = shrinking.load(given.replay)
        report = shrinking.replay(seed, saved)
        print("\n".join(report.lines))
        return 1 if report.broken else 0
    first = given.seed if given.seed is not None else int(time.time())
    parts = _parts(first, given.operations, given.processes)
    for seed, share in parts:
        print(f"seed {seed}, {share} operations", flush=True)
    began = time.monotonic()
    done = Report()
    with _side_by_side(parts) as reports:
        for part, report in reports:
            if report.broken:
                break
            print(f"seed {part[0]}: {report.done} operations, trace {report.trace[:16]}", flush=True)
            done.add(report)
        else:
            tell(done, time.monotonic() - began)
            return 0
    seed, share = part
    print(f"\nseed {seed}, step {report.at}: {report.broken}\nMaking it short ...", flush=True)
    broken = shrinking.shrink(seed, list(steps(seed, share)), report)
    given.save.parent.mkdir(parents=True, exist_ok=True)
    broken.save(given.save)
    print("\n".join(broken.report.lines))
    print(f"\nAgain: python -m simulation --replay {given.save}")
    print(f"or the whole: --seed {seed} --operations {share} --processes 1")
    return 1


def _parts(seed: int, operations: int, processes: int) -> list[Part]:
    """Runs that are independent of each other, about as long, one to a process: the seed's own and those of the numbers
    after it."""
    count = max(1, min(processes, operations // PART))
    return [(seed + at, (operations + at) // count) for at in range(count)]


@contextmanager
def _side_by_side(parts: Sequence[Part]) -> Iterator[Iterator[tuple[Part, Report]]]:
    """The reports as they come. When they are no longer wanted, what is still running ends."""
    if len(parts) == 1:
        yield map(_run, parts)
        return
    with Pool(len(parts)) as pool:
        yield pool.imap_unordered(_run, parts)


def _run(part: Part) -> tuple[Part, Report]:
    seed, share = part
    began = time.monotonic()

    def progress(report: Report) -> None:
        if report.done % 20_000 == 0:
            taken = time.monotonic() - began
            print(f"{report.done:>9} operations of {seed}, {report.done / taken:.0f} a second", flush=True)

    return part, World(seed, progress=progress).run(steps(seed, share))


def tell(report: Report, seconds: float) -> None:
    """What a run did, in figures."""
    print(
        f"\n{report.done} operations in {seconds:.0f} s ({report.seconds:.0f} s of a core, "
        f"{report.done / max(report.seconds, 0.001):.0f} in each): {report.done / max(seconds, 0.001):.0f} a second"
        f"\n{report.calls} calls, {sum(report.entries.values())} entries in {report.wallets} wallets,"
        f" {report.verified} verifications, {report.handovers} handovers"
    )
    for title, counted in (
        ("Operations", report.outcomes),
        ("Entries", report.entries),
        ("Faults", report.faults),
    ):
        _table(title, counted)


def _table(title: str, counted: Counter[str]) -> None:
    print(f"\n{title}")
    for name, count in sorted(counted.items()):
        print(f"  {count:>9}  {name}")


if __name__ == "__main__":
    sys.exit(main())
