"""``python -m bench [--only NAME] [--full] [--strict]``: measures, prints, writes docs/bench/.

0: every budget is met."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench import (
    books,
    budgets,
    burn_pages,
    cold,
    due,
    events,
    hot,
    lists,
    operations,
    report,
    search,
    sizes,
    sweep,
    usage,
    usage_events,
)
from bench.postgres import comparison, race
from bench.postgres.lots import Lots
from bench.postgres.transfers import Transfers
from bench.stage import Stage, staged
from local.ending import as_by_ctrl_c

Measure = Callable[[Stage, bool], dict[str, Any]]
NAMES: Final[dict[str, Measure]] = {
    "operations": lambda stage, full: operations.run(stage, rounds=21 if full else operations.ROUNDS),
    "cold": lambda stage, full: cold.run(
        stage.layer,
        stage.providers,
        rounds=15 if full else cold.ROUNDS,
        others=9 if full else cold.ROUNDS_OTHERS,
    ),
    "sizes": lambda stage, full: sizes.run(stage, rounds=15 if full else sizes.ROUNDS),
    "lists": lambda stage, full: lists.run(stage, full=full),
    "hot": lambda stage, full: hot.run(stage, full=full),
    "search": lambda stage, full: search.run(stage, full=full),
    "events": lambda stage, _full: events.run(stage),
    "usage": lambda stage, _full: usage.run(stage),
    "usage_events": lambda stage, _full: usage_events.run(stage),
    "due": lambda stage, _full: due.run(stage),
    "sweep": lambda stage, full: sweep.run(stage, full=full),
    "pages": lambda stage, full: burn_pages.run(stage, full=full),
    "books": lambda stage, full: books.run(stage, full=full),
    "postgres": lambda _stage, full: race.run([Lots(), Transfers()], full=full),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=NAMES, help="one part alone; docs/bench is left as it is")
    parser.add_argument("--full", action="store_true", help="100 000 due lots, more rounds: ten minutes")
    parser.add_argument(
        "--strict", action="store_true", help="what cannot be measured on this machine misses its budget"
    )
    asked = parser.parse_args()
    as_by_ctrl_c()
    began = time.monotonic()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="scrip-bench-", ignore_cleanup_errors=True) as workdir:
        print("Building and deploying template.yaml to a local AWS ...", flush=True)
        with staged(Path(workdir)) as stage:
            for name, measure in NAMES.items():
                if asked.only in (None, name):
                    since = time.monotonic()
                    found[name] = measure(stage, asked.full)
                    print(f"{name}: {time.monotonic() - since:.0f} s", flush=True)
    if "postgres" in found:
        found["postgres"] |= comparison.beside(found)
    judged = budgets.judged(found, strict=asked.strict)
    print(report.printed(found, judged))
    seconds = round(time.monotonic() - began)
    print(f"\n{seconds} s")
    if not asked.only:
        about = {
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}",
            "full": asked.full,
            "seconds": seconds,
        }
        report.write(found, judged, about)
        print(f"written: {report.JSON_FILE}, {report.PICTURE}")
    return 0 if all(budget.met for budget in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
