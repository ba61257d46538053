"""What must be true of the figures (docs/benchmark.md, Budgets)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

WARM_CALLS, WARM_UNITS = 1, 5
"""Of a burn inside the window, replayed or not, however many lots: four units on the tables, one on the index."""
BLOCK_CALLS, BLOCK_UNITS = 2, 6
"""Of a burn whose limited key takes its next block of requests."""
MONTHLY_UNITS: Final = 7
"""Of a burn whose price goes by the use of a month: an item more."""
BUDGETED_UNITS, BUDGETS_UNITS = 7, 11
"""Of a burn that counts in one budget of the whole wallet: an item more; in four of it and four of its member's: two
items more, and an entry of over a kilobyte."""
SECOND_TRIP: Final = 2
"""Calls of a burn that is cold, refused or contended once."""
CPU_TO_FLOOR: Final = 1.4
COUNTING_SECONDS: Final = 0.25
"""What the machine of the figures takes to count to ten million."""
COLD_START: Final = 0.9
WALLET_BYTES: Final = 1024
BATCHES_TO_SINGLES: Final = 5.0
LOG_BYTES: Final = 310
"""Of a line with the id of the key, and a time of up to five digits."""
ROW_BYTES: Final = 1024
"""Of a burn's row in the ledger and of the wallet's item, with everything: one more byte is two units more."""
LOTS_LISTED: Final = 140
"""Read units of 2 000 lots in pages of 100."""
FILTERED_CALLS, FILTERED_UNITS = 3, 40
"""Of a page of entries that looks at a thousand and finds none."""
EXPLAINED_UNITS: Final = 1_100
"""Of a page of an explanation: a thousand rows, read one by one."""
REDEMPTIONS: Final = 250
"""Redemptions a second of one code, in the model."""
SEARCH_CALLS, SEARCH_UNITS = 33, 40
"""Of any page of 100 entries with one reference: each of 16 shares is asked at least once, at most twice."""
REFERENCE_DOLLARS: Final = 0.75
"""That the stream's reader adds to a million burns with a reference, in batches of a hundred."""
EVENT_CALLS: Final = 5
"""Of the stream's reader for one burn alone: unit, alerts, the bus, its mark."""
EVENT_DOLLARS, NO_EVENT_DOLLARS = 1.2, 0.2
"""That the stream's reader adds to a million burns, in batches of a hundred, where they have events, and where not."""
USED_READS, USED_WRITES, USED_DOLLARS = 1.2, 0.05, 0.2
"""Of a burn for the rollup of what was used, in a wallet of thousands of burns; dollars a million."""
USED_CALLS: Final = 5
"""Of whoever asks what was used, beside one for each hundred entries that are new."""
PAGE_UNITS, PAGE_DOLLARS, PAGE_BYTES = 0.07, 0.06, 40
"""Of a burn in a page of 500 whose references are UUIDs of 36 characters; dollars a million, without storage."""
LEASE_UNITS, LEASE_DOLLARS = 0.12, 0.12
"""Of a burn from one of eight leases on one wallet."""
PAGED, PAGED_MS = 10_000, 100
"""Burns a second of one sender on one wallet, and within how many milliseconds 99 of 100 are answered where 10 000 a
second come, in the model."""
LEASED, LEAST = 5_000, 0.5
"""Burns a second of 32 holders of leases on one wallet; and what the least of them burned, to their mean."""
BURNS_DOLLARS, STORED_DOLLARS = 5.2, 10.0
"""A million warm burns, with everything in; and with a year of storage and point-in-time recovery."""


READ_SECONDS: Final = 1.0
"""Processor time of a balance over 10 000 due items, the client's parsing in it, on a machine that counts to ten
million in 0.25 s."""
READ_GROWTH: Final = 12.5
"""Of ten times as many due items. What is sorted grows a little faster than what is counted; a square would be 100."""
REPORTED_UNITS, REPORTED_CALLS, REPORTED_DOLLARS = (3.1, 3.2), (0.02, 0.08), (2.0, 2.1)
"""Write units, calls and dollars a million, of an event of usage of one wallet, and of 64 wallets: two units for its
row, one for the row's place in the timeline, and its share of the wallet."""
ALLOWED_CALLS, ALLOWED_BOOKED = 8, 100
"""Calls of a balance over 200 allowances that are due, and of booking them all."""
CAPTURED_UNITS: Final = 7
"""Of a capture of a hold over 16 lots at most, among however many open ones; two more for each block of lots that it
spends."""
OVER_UNITS: Final = 11
"""Of a capture of a hold over 500 lots."""


SUMMED, BY_ACCOUNT, BY_PROPORTION = 2.5, 6, 8
"""Processor time of a report that sums say all of, of revenue by account, and of breakage by proportion: to that of a
plain sum of the month's postings, half a million entries."""


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget: what was found, what it may be."""

    name: str
    found: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.found >= self.bound if self.at_least else self.found <= self.bound

    def to_json(self) -> dict[str, Any]:
        sign = "≥" if self.at_least else "≤"
        return {"budget": self.name, "found": self.found, "bound": f"{sign} {self.bound}", "met": self.met}


def judged(found: Mapping[str, Any], *, strict: bool = False) -> list[Budget]:
    """The budgets of whatever was measured. ``strict``: what cannot be measured on this machine misses its budget."""
    budgets: list[Budget] = []
    for name, of in (
        ("operations", _operations),
        ("cold", _cold),
        ("sizes", _sizes),
        ("hot", _hot),
        ("lists", _lists),
        ("search", _search),
        ("events", _events),
        ("usage", _usage),
        ("usage_events", _usage_events),
        ("due", _due),
        ("pages", _pages),
        ("books", _books),
    ):
        if name in found:
            budgets += of(found[name])
    if "postgres" in found:
        budgets += _postgres(found["postgres"], strict=strict)
    return budgets


def _operations(found: Mapping[str, Any]) -> Iterator[Budget]:
    rows = {row["operation"]: row for row in found["rows"]}
    bounds = dict.fromkeys(
        ("burn, warm", "burn, replayed", "burn of 2 items, warm", "burn, limited key"),
        (WARM_CALLS, WARM_UNITS),
    )
    bounds |= {
        "burn of tiers over a month, warm": (WARM_CALLS, MONTHLY_UNITS),
        "burn of 2 items at own prices, warm": (WARM_CALLS, WARM_UNITS),
        "burn in 1 budget, warm": (WARM_CALLS, BUDGETED_UNITS),
        "burn in 8 budgets, warm": (WARM_CALLS, BUDGETS_UNITS),
    }
    bounds["burn, limited key, takes a block"] = (BLOCK_CALLS, BLOCK_UNITS)
    for name, (calls, units) in bounds.items():
        yield Budget(f"{name}: calls", len(rows[name]["calls"]), calls)
        yield Budget(f"{name}: write units", rows[name]["write_units"], units)
    for name in ("burn, cold", "burn, refused", "burn, contended once"):
        yield Budget(f"{name}: calls", len(rows[name]["calls"]), SECOND_TRIP)
    yield Budget("burn, warm: processor time to the floor", rows["burn, warm"]["cpu_to_floor"], CPU_TO_FLOOR)
    for row in found.get("dollars", []):
        if row["operation"] == "burn, warm":
            yield Budget("a million warm burns: dollars", row["at once"], BURNS_DOLLARS)
            yield Budget("the same, with a year of storage: dollars", row["together"], STORED_DOLLARS)
    made = [
        row["log_bytes"] for name, row in rows.items() if name.startswith("burn") and "refused" not in name
    ]
    yield Budget("a burn: log bytes", max(made), LOG_BYTES)


def _cold(found: Mapping[str, Any]) -> Iterator[Budget]:
    rows = {row["function"]: row for row in found["rows"]}
    yield Budget("cold start of burns to a bare boto3.client", rows["burns"]["to_bare"], COLD_START)


def _sizes(found: Mapping[str, Any]) -> Iterator[Budget]:
    rows = found["rows"]
    yield Budget(
        "warm and replayed, whatever there is: calls",
        max(len(row[calls]) for row in rows for calls in ("calls", "replay_calls")),
        WARM_CALLS,
    )
    yield Budget("warm, whatever there is: write units", max(row["write_units"] for row in rows), WARM_UNITS)
    yield Budget("the wallet's item: bytes", max(row["wallet_bytes"] for row in rows), WALLET_BYTES)
    for row in found.get("bytes", []):
        yield Budget(f"{row['row']}: bytes", row["bytes"], ROW_BYTES)


def _lists(found: Mapping[str, Any]) -> Iterator[Budget]:
    for row in found["rows"]:
        if "lots" in row["list"]:
            yield Budget(f"{row['list']}: read units", row["read_units"], LOTS_LISTED)
        elif "filtered" in row["list"]:
            yield Budget(f"{row['list']}: calls", row["calls"], FILTERED_CALLS)
            yield Budget(f"{row['list']}: read units", row["read_units"], FILTERED_UNITS)
        else:
            yield Budget(f"{row['list']}: read units", row["read_units"], EXPLAINED_UNITS)


def _search(found: Mapping[str, Any]) -> Iterator[Budget]:
    row = found["rows"][0]
    yield Budget(f"{row['who']}, 2 000 a second: throttled", row["throttled"], 0)
    yield Budget(f"{row['who']}: write units of each", row["write_units_an_entry"], 1)
    for page in found["pages"]:
        yield Budget(f"a search's page, {page['page']}: calls", page["calls"], SEARCH_CALLS)
        yield Budget(f"a search's page, {page['page']}: read units", page["read_units"], SEARCH_UNITS)
    of_hundred = found["dollars"][-1]
    yield Budget(
        "a million burns with a reference: dollars more", of_hundred["dollars_per_million"], REFERENCE_DOLLARS
    )


def _events(found: Mapping[str, Any]) -> Iterator[Budget]:
    rows = {(row["burns_have_events"], row["batch_of"]): row for row in found["rows"]}
    yield Budget("from a burn to the bus: calls", rows[True, 1]["calls"], EVENT_CALLS)
    yield Budget(
        "a million burns with events: dollars more", rows[True, 100]["dollars_per_million"], EVENT_DOLLARS
    )
    yield Budget(
        "a million burns without: dollars more", rows[False, 100]["dollars_per_million"], NO_EVENT_DOLLARS
    )


def _usage_events(found: Mapping[str, Any]) -> Iterator[Budget]:
    bounds = zip(REPORTED_UNITS, REPORTED_CALLS, REPORTED_DOLLARS, strict=True)
    for row, (units, calls, dollars) in zip(found["rows"], bounds, strict=True):
        who = f"usage events of {row['wallets']} wallets"
        yield Budget(f"{who}: write units an event", row["write_units_an_event"], units)
        yield Budget(f"{who}: calls an event", row["calls_an_event"], calls)
        yield Budget(f"{who}: dollars a million", row["dollars_per_million"], dollars)


def _usage(found: Mapping[str, Any]) -> Iterator[Budget]:
    thin, *thousands = found["rows"]
    yield Budget("usage of 100 wallets with a burn each: calls", thin["calls"], 0)
    for row in thousands:
        yield Budget(f"usage, {row['who']}: read units a burn", row["read_units_a_burn"], USED_READS)
        yield Budget(f"usage, {row['who']}: write units a burn", row["write_units_a_burn"], USED_WRITES)
        yield Budget(f"usage, {row['who']}: dollars a million", row["dollars_per_million"], USED_DOLLARS)
    for row in found["asked"]:
        yield Budget(
            f"usage asked with {row['new']} new: calls", row["calls"], row["new"] // 100 + USED_CALLS
        )


def _books(found: Mapping[str, Any]) -> Iterator[Budget]:
    bounds = {"revenue by account": BY_ACCOUNT, "breakage by proportion": BY_PROPORTION}
    for row in found["rows"][1:]:
        bound = bounds.get(row["report"], SUMMED)
        yield Budget(f"{row['report']}: to a plain sum", row["to_sum"], bound)


def _due(found: Mapping[str, Any]) -> Iterator[Budget]:
    for row in found["rows"]:
        name = f"{row['items']} due, {row['due']}: "
        seconds = round(row["read_cpu_s"] / max(1, found["counting_s"] / COUNTING_SECONDS), 2)
        yield Budget(name + "processor seconds of a read", seconds, READ_SECONDS)
        yield Budget(name + "to a tenth of them", row["to_a_tenth"], READ_GROWTH)
    allowed = found["allowances"]
    yield Budget(f"{allowed['due']} due: calls of a read", allowed["read_calls"], ALLOWED_CALLS)
    yield Budget(f"{allowed['due']} due: calls to book them", allowed["book_calls"], ALLOWED_BOOKED)
    one, *rows = found["captures"]
    for row in found["captures"]:
        yield Budget(f"capture {row['capture']}, warm: calls", row["calls"], WARM_CALLS)
        units = OVER_UNITS if "over" in row["capture"] else CAPTURED_UNITS
        yield Budget(f"capture {row['capture']}: write units", row["write_units"], units)
    for row in rows[:1]:
        for name in ("cold_read_units", "balance_calls", "balance_read_units"):
            yield Budget(f"{row['capture']}: {name.replace('_', ' ')}", row[name], one[name])


def _pages(found: Mapping[str, Any]) -> Iterator[Budget]:
    page = found["rows"][0]
    sender, coming, few, many = found["modelled"][:4]
    name = page["request"]
    yield Budget(f"{name}: units a burn", page["write_units_a_burn"], PAGE_UNITS)
    yield Budget(f"{name}: bytes a burn", page["bytes_a_burn"], PAGE_BYTES)
    yield Budget(f"{name}: dollars of a million", page["dollars_per_million"], PAGE_DOLLARS)
    yield Budget(f"{sender['who']}: burns a second", sender["burns_a_second"], PAGED, at_least=True)
    yield Budget(f"{coming['who']}: ms of 99 in 100", coming["p99_ms"], PAGED_MS)
    yield Budget("lease, 8 holders: units a burn", few["units_a_burn"], LEASE_UNITS)
    yield Budget("lease, 8 holders: dollars of a million", few["dollars_per_million"], LEASE_DOLLARS)
    yield Budget("lease, 32 holders: burns a second", many["burns_a_second"], LEASED, at_least=True)
    yield Budget("lease, 32 holders: the least to the mean", many["least_to_mean"], LEAST, at_least=True)
    yield Budget(
        "pages and leases that were not exact", sum(not one["exact"] for one in found["modelled"]), 0
    )


def _hot(found: Mapping[str, Any]) -> Iterator[Budget]:
    for row in found["rows"]:
        if row.get("who") == "redemptions of one code":
            yield Budget(
                "redemptions a second of one code", row["burns_a_second"], REDEMPTIONS, at_least=True
            )
    for writers, gain in found["batches_to_singles"].items():
        name = f"batches to singles of one wallet, {writers} writer{'s' if writers != '1' else ''}"
        yield Budget(name, gain, BATCHES_TO_SINGLES, at_least=True)
    yield Budget("runs that were not exact", sum(not row["exact"] for row in found["rows"]), 0)


def _postgres(found: Mapping[str, Any], *, strict: bool) -> Iterator[Budget]:
    if strict or not found.get("not measured"):
        yield Budget("PostgreSQL beside Scrip: not measured", int("not measured" in found), 0)
    yield Budget("PostgreSQL: runs that were not exact", sum(not row["exact"] for row in found["rows"]), 0)
