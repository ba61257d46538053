"""``python -m simulation``: a run, its progress, and, where a law breaks, the shortest run that breaks it."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from simulation import shrinking
from simulation.world import Report, World, steps


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the laws held. 1: one broke; it is said which, and how to see it again."""
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="what all chance comes from; the time where it is left out")
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--replay", type=Path, help="a run that was saved where a law broke")
    parser.add_argument("--save", type=Path, default=Path(".local/broken.json"), help="where to")
    given = parser.parse_args(arguments)
    if given.replay:
        seed, saved = shrinking.load(given.replay)
        report = shrinking.replay(seed, saved)
        print("\n".join(report.lines))
        return 1 if report.broken else 0
    seed = given.seed if given.seed is not None else int(time.time())
    print(f"seed {seed}, {given.operations} operations", flush=True)
    began = time.monotonic()

    def progress(report: Report) -> None:
        if report.done % 20_000 == 0:
            taken = time.monotonic() - began
            print(f"{report.done:>9} operations, {report.done / taken:.0f} a second", flush=True)

    report = World(seed, progress=progress).run(steps(seed, given.operations))
    tell(report, time.monotonic() - began)
    if not report.broken:
        return 0
    print(f"\nseed {seed}, step {report.at}: {report.broken}\nMaking it short ...", flush=True)
    broken = shrinking.shrink(seed, list(steps(seed, given.operations)), report)
    given.save.parent.mkdir(parents=True, exist_ok=True)
    broken.save(given.save)
    print("\n".join(broken.report.lines))
    print(f"\nAgain: python -m simulation --replay {given.save}, or the whole: --seed {seed}")
    return 1


def tell(report: Report, seconds: float) -> None:
    """What a run did, in figures."""
    print(
        f"\n{report.done} operations in {seconds:.0f} s ({report.seconds:.0f} s of this core):"
        f" {report.done / max(seconds, 0.001):.0f} a second"
        f"\n{report.calls} calls, {sum(report.entries.values())} entries in {report.wallets} wallets,"
        f" {report.verified} verifications, {report.handovers} handovers, trace {report.trace[:16]}"
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
