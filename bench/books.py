"""What reports of the books cost, beside a plain sum of the same month's postings by DuckDB.

``python -m bench.books FOLDER WALLETS`` makes an archive of a hundred entries a wallet in a folder, where it is not
there yet, and measures each report in a process of its own, with its peak memory: 100 000 wallets are ten million
entries.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from bench.archives import BEGINS, PERIOD, FolderClient, generate
from bench.stage import Stage, median
from scrip.domain.finance.periods import ends
from scrip.services.finance import breakage, journal_pages, reports
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.editions import DAY_MS
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive

WALLETS: Final = 5_000
"""Half a million entries: what is asked of them takes as long as opening the database and more."""
ROUNDS: Final = 3
PAST: Final = BEGINS + 16 * DAY_MS + DAY_MS // 2
"""An instant in the middle of the month, and of a day."""
SUM: Final = ["SELECT currency, name, sum(amount) FROM read_parquet($paths) GROUP BY ALL"]
ALL: Final = Selection()
Ask = Callable[[Books], Any]


def _plain(books: Books) -> Any:
    return books.space.rows(SUM, paths=books.space.bring(part.key for part in books.manifest.of("postings")))


def _of_month(name: str) -> Ask:
    return lambda books: reports.OF_A_MONTH[name](books, PERIOD, ALL)


def _revenue(by: reports.RevenueBy) -> Ask:
    return lambda books: reports.revenue(books, PERIOD, ALL, by)


def _liability(at: int, *, by_account: bool = False) -> Ask:
    return lambda books: reports.liability(books, at, ALL, by_account=by_account)


def _proportional(books: Books) -> Any:
    """Asks for what is breakage by proportion where each pack has a rate of 20 %."""
    with patch.object(breakage, "_packs", lambda _: (_Rated(f"pack-{number}") for number in range(5))):
        return breakage.proportional(None, books, PERIOD, ALL)  # type: ignore[arg-type]  # packs are asked of it alone


REPORTS: Final[Mapping[str, Ask]] = {
    "a plain sum": _plain,
    **{name: _of_month(name) for name in ("trial-balance", "roll-forward", "breakage", "cash", "tax")},
    "revenue by day": _revenue("day"),
    "revenue by meter": _revenue("meter"),
    "revenue by pack": _revenue("pack"),
    "revenue by account": _revenue("account"),
    "liability": _liability(ends(PERIOD) - 1),
    "liability at a past instant": _liability(PAST),
    "liability by account": _liability(ends(PERIOD) - 1, by_account=True),
    "journal, first page": lambda books: journal_pages.page(books, PERIOD, ALL, None, 100),
    "breakage by proportion": _proportional,
}


class _Rated:
    """A pack of which a fifth is expected to be left."""

    breakage_rates = True

    def __init__(self, pack: str) -> None:
        self.pack = pack

    def expected_at(self, _: int) -> Fraction:
        return Fraction(1, 5)


@contextmanager
def _asking(folder: Path, client: FolderClient, manifest: Manifest) -> Iterator[Books]:
    archive = Archive(client, "")
    with Workspace(archive, folder) as space:
        yield Books(space, archive, manifest, {})


def run(_: Stage, *, full: bool = False) -> dict[str, Any]:
    """Measures each report; nothing of the stage is used."""
    with tempfile.TemporaryDirectory(prefix="scrip-books-") as name:
        archive, work = Path(name) / "archive", Path(name) / "work"
        *_days, manifest = generate(archive, WALLETS * (4 if full else 1))
        taken: dict[str, list[float]] = {}
        objects: dict[str, int] = {}
        for _round in range(ROUNDS):
            for report, ask in REPORTS.items():
                client = FolderClient(archive)
                with _asking(work / report, client, manifest) as books:
                    began = time.process_time()
                    ask(books)
                    taken.setdefault(report, []).append(time.process_time() - began)
                # Only the first round brings them.
                objects.setdefault(report, len(client.fetched))
    plain = median(taken["a plain sum"])
    return {
        "entries": sum(part.rows for part in manifest.of("entries")),
        "rows": [
            {
                "report": report,
                "cpu_ms": round(median(times) * 1000),
                "to_sum": round(median(times) / plain, 2),
                "objects": objects[report],
            }
            for report, times in taken.items()
        ],
    }


def _measure(folder: Path, report: str) -> None:
    """Asks for a report once, and prints what that took, and the most memory that this process had."""
    manifest = Manifest.from_bytes((folder / "manifest.json").read_bytes())
    client = FolderClient(folder)
    began, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory(dir=folder) as work, _asking(Path(work), client, manifest) as books:
        REPORTS[report](books)
        took, used = time.monotonic() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = sum((folder / key).stat().st_size for key in client.fetched) / 1e6
    brought = f"{len(client.fetched):4} objects {size:6.0f} MB"
    print(f"{report:28} {took:6.1f} s {used:6.1f} s of processors {peak:5} MB {brought}")


def main() -> None:
    folder = Path(sys.argv[1])
    if len(sys.argv) > 3:
        _measure(folder, sys.argv[3])
        return
    if not (folder / "manifest.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        *_, manifest = generate(folder, int(sys.argv[2]))
        (folder / "manifest.json").write_bytes(manifest.to_bytes())
    for report in REPORTS:
        subprocess.run([sys.executable, "-m", "bench.books", *sys.argv[1:3], report], check=True)


if __name__ == "__main__":
    main()
