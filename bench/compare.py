"""``python -m bench.compare BEFORE``: the processor time of this tree beside another one's, in the same run.

``BEFORE`` is a work tree of another commit. Both are measured in fresh processes that take turns, so that what disturbs
one disturbs both. They see the same third-party packages, their own ``functions`` and ``layers``, and no network: what
DynamoDB would answer is canned. Nothing is built or deployed. Only the functions' handlers are named, so that both
trees may call their modules as they like.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench.cold import FIRST, SITE, milliseconds, said
from bench.meter import ratio
from bench.stage import median
from local.stack import ROOT

ROUNDS: Final = 11
BURNS: Final = 400
"""Burns of a wallet with three lots, timed in one process."""
WARM: Final = (
    f"import runpy\nrunpy.run_path({str(Path(__file__).with_name('warm.py'))!r}, run_name='__main__')"
)


def first_burn(tree: Path) -> float:
    """Returns the milliseconds of a cold start of the burns function with its first burn."""
    paths = [tree / "functions" / "burns", tree / "layers" / "scrip", SITE]
    return milliseconds(FIRST, paths, str(tree / "events" / "http" / "post_burn.json"))


def warm_burn(tree: Path) -> float:
    """Returns the milliseconds of a burn in a function that has the wallet in memory."""
    return said(WARM, [tree / "layers" / "scrip", tree, SITE], str(tree), str(BURNS))


MEASURES: Final[Mapping[str, Callable[[Path], float]]] = {
    "cold start with its first burn": first_burn,
    "burn, warm": warm_burn,
}


def compared(before: Path, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Measures both trees, round by round: the milliseconds of the other one, and of this one."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for name, measure in MEASURES.items():
        trees = (before, ROOT)
        for tree in trees:
            measure(tree)  # writes byte code, if it is not there
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds):
            # Whoever comes first in a round comes last in the next.
            for which in (0, 1) if number % 2 else (1, 0):
                times[which].append(measure(trees[which]))
        found[name] = times
    return found


def main() -> int:
    """Prints both trees' figures and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("before", type=Path, help="a work tree of another commit")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    print(f"{'milliseconds of processor time':32}{'before':>10}{'here':>10}{'ratio':>8}{'of fastest':>12}")
    for name, (before, here) in compared(asked.before.resolve(), asked.rounds).items():
        fastest = min(here) / min(before)
        row = f"{median(before):>10.3f}{median(here):>10.3f}{ratio(here, before):>8.3f}{fastest:>12.3f}"
        print(f"{name:32}{row}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
