"""Scrip's figures beside those of PostgreSQL, and where Scrip loses.

Both are modelled: Scrip's by ``bench.model``, theirs by ``bench.postgres.race``. What the processors took is measured.
Neither has the gateway and the network in front of the function in it. Theirs are with fsync on, in the style that is
best at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from bench.meter import PRICES
from bench.postgres.race import MANY, NOT_MEASURED

Row = Mapping[str, Any]
MILLION: Final = 1_000_000
HOT_WRITERS: Final = 8
PAGE: Final = 500
BATCH, LARGE_BATCH = "90 in a transaction", "500 in a transaction"
INSTANCE: Final = "db.t4g.medium in two zones"
"""The least with two processors."""


def beside(found: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``beside``, a row for each thing that both do, and ``database_cheaper_from``, in burns a second; of what
    was measured in this run."""
    rows = [row for row in found["postgres"]["rows"] if row["fsync"]]
    if found["postgres"].get(NOT_MEASURED):
        return {}
    compared = [
        _row(what, rival, ours, theirs)
        for rival in dict.fromkeys(row["rival"] for row in rows)
        for what, ours, theirs in _pairs(found, [row for row in rows if row["rival"] == rival])
    ]
    dearer = {what: cheaper_from(dollars) for what, dollars in _dollars(found)}
    told = {"beside": compared} if compared else {}
    return told | ({"database_cheaper_from": {INSTANCE: dearer}} if dearer else {})


def cheaper_from(dollars: float) -> float:
    """Returns the burns a second, on average, above which the instance alone costs less than ``dollars`` a million."""
    return float(f"{PRICES['database_hour'] / 3600 / (dollars / MILLION):.2g}")


def _row(what: str, rival: str, ours: float, theirs: float) -> dict[str, Any]:
    """Returns a comparison. Of what is so many a second, more is better; of all else, less."""
    times = theirs / ours if what.endswith("a second") else ours / theirs
    return {
        "what": what,
        "rival": rival,
        "scrip": ours,
        "theirs": theirs,
        "scrip loses": f"{times:.1f} ×" if times > 1 else "no",
    }


def _pairs(found: Mapping[str, Any], rows: Sequence[Row]) -> Iterable[tuple[str, float, float]]:
    singles = [row for row in rows if "transaction" not in row["burns are"]]
    batches = [row for row in rows if row["burns are"] == BATCH]
    pages = [row for row in rows if row["burns are"] == LARGE_BATCH]

    def best(of: Sequence[Row], wallets: int, figure: str, pick: Callable[..., float]) -> float:
        return pick(row[figure] for row in of if row["wallets"] == wallets)

    if "hot" in found:
        hot = {(row["who"], row["writers"]): row for row in found["hot"]["rows"]}
        yield (
            "one wallet, single burns a second",
            hot["singles", HOT_WRITERS]["burns_a_second"],
            best(singles, 1, "modelled_a_second", max),
        )
        yield (
            "one wallet, batches of 90, burns a second",
            hot["batches", HOT_WRITERS]["burns_a_second"],
            best(batches, 1, "modelled_a_second", max),
        )
        yield (
            "64 wallets with a writer each, burns a second",
            hot["the 64 wallets beside it", MANY]["burns_a_second"],
            best(singles, MANY, "modelled_a_second", max),
        )
        yield (
            "a burn alone, ms",
            hot["singles", 1]["p50_ms"],
            best(singles, MANY, "modelled_alone_ms", min),
        )
    if "operations" in found:
        operations = {row["operation"]: row for row in found["operations"]["rows"]}
        for what, of, ours in (
            ("a burn, ms of processors that one pays for", singles, operations["burn, warm"]["cpu_ms"]),
            ("a burn of 90, ms of processors", batches, operations["batch of 90"]["cpu_ms"] / 90),
        ):
            theirs = [row["server_cpu_ms"] + row["client_cpu_ms"] for row in of if row["wallets"] == MANY]
            yield what, round(ours, 3), round(min(theirs), 3)
        yield "a burn, bytes stored", found["operations"]["entry_bytes"], best(singles, MANY, "bytes", min)

    if "pages" in found:
        page, sender = found["pages"]["rows"][0], found["pages"]["modelled"][0]
        rate = best(pages, 1, "modelled_a_second", max)
        yield "one wallet, pages of 500, burns a second", sender["burns_a_second"], rate
        theirs = [row["server_cpu_ms"] + row["client_cpu_ms"] for row in pages if row["wallets"] == MANY]
        work = page["cpu_ms"] / PAGE + sender["client_cpu_ms"]
        yield "a burn of 500, ms of processors", round(work, 4), round(min(theirs), 4)
        yield "a burn of 500, bytes stored", page["bytes_a_burn"], best(pages, MANY, "bytes", min)


def _dollars(found: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
    """Names what Scrip takes for a million burns at once."""
    for row in found.get("operations", {}).get("dollars", []):
        if row["operation"] == "burn, warm":
            yield "single burns", row["at once"]
        elif row["operation"] == "batch of 90":
            yield "batches of 90", row["at once"] / 90
    if "pages" in found:
        yield "pages of 500", found["pages"]["rows"][0]["dollars_per_million"]
