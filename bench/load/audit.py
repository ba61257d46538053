"""Afterwards: every wallet verified, and the ledger against what the clients asked and were told."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import httpx

from bench.load.asking import REFERENCE, Answered, Books, Purchase
from scrip.domain.credits.entries import Entry
from scrip.services.engine.executor import Executor
from scrip.services.verification import wallets
from scrip.store import rows

PATIENCE_SECONDS: Final = 120.0
"""For the last webhooks and refunds to be applied."""
PRECISION: Final = 2
OUR_OWN: Final = ("payment",)
"""References of entries that nobody asked for by HTTP: payments' webhooks."""


@dataclass
class Audited:
    """What the ledger holds, and everything that is wrong with it."""

    entries: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    burned: int = 0
    """Steps of all burns."""
    acknowledged: int = 0
    """Burns that a client was told of, and that are there."""
    findings: list[str] = field(default_factory=list)


def audit(executor: Executor, accounts: Sequence[str], unit: str, books: Books) -> Audited:
    """Every wallet by itself (``scrip verify``), then against the books: each entry that a client was told of is there
    once, as it was told; what was refused is not; and nothing is there that nobody asked for."""
    found = Audited()
    told: dict[str, dict[str, Answered]] = {account: {} for account in accounts}
    for key, one in books.told.items():
        told[one.account][key] = one
    for account in accounts:
        count, findings = wallets.verify(executor, account, unit)
        found.findings += [f"{account}: {finding.what}" for finding in findings]
        entries = {row.id: row.entry() for row in rows.stored(executor.tables, account, unit)}
        if len(entries) != count:
            found.findings.append(f"{account}: {count} entries, and then {len(entries)}")
        found.entries += count
        for entry in entries.values():
            found.kinds[entry.kind] += 1
            found.burned -= entry.amount if entry.kind == "burn" else 0
        found.acknowledged += sum(
            one.kind == "burn" and one.entry_id in entries for one in told[account].values()
        )
        found.findings += [f"{account}: {what}" for what in _compared(account, entries, told[account], books)]
    return found


def _compared(
    account: str, entries: Mapping[str, Entry], told: Mapping[str, Answered], books: Books
) -> Iterator[str]:
    for key, one in told.items():
        entry = entries.get(one.entry_id)
        if entry is None:
            yield f"{key} was told of {one.kind} {one.amount}, and it is not there"
        elif (entry.kind, Decimal(entry.amount).scaleb(-PRECISION)) != (one.kind, Decimal(one.amount)):
            yield f"{key} was told of {one.kind} {one.amount}, and it is {entry.kind} {entry.amount} steps"
    under: Counter[str] = Counter()
    for entry in entries.values():
        reference = entry.cause.reference if entry.cause else None
        if entry.cause is None or (reference and reference[0] in OUR_OWN):
            continue
        if not reference or reference[0] != REFERENCE or reference[1] not in books.asked:
            yield f"nobody asked for {entry.kind} {entry.id}"
        elif entry.kind != "transfer_in":
            # The receiver's entries repeat the sender's reference.
            under[reference[1]] += 1
    for key, times in under.items():
        if times > 1:
            yield f"{key} is there {times} times"
        if books.asked[key] != account:
            yield f"{key} was asked of {books.asked[key]}"
        if key in books.refused and key not in books.unsure:
            yield f"{key} was refused, and is there"


def payments(http: httpx.Client, books: Books) -> list[str]:
    """What is wrong with the payments, once they had time to be applied."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = list(books.purchases)
    while waiting and time.monotonic() < deadline:
        waiting = [one for one in waiting if _standing(http, one) is not None]
        time.sleep(0.2 if waiting else 0)
    return [f"payment {one.provider} {one.payment_id}: {_standing(http, one)}" for one in waiting]


def _standing(http: httpx.Client, one: Purchase) -> str | None:
    """Where a payment stands, if not where it must."""
    answer = http.get(f"/v1/payments/{one.provider}/{one.payment_id}")
    if answer.status_code != 200:
        return f"{answer.status_code} {answer.text[:200]}"
    payment: Any = answer.json()
    position = {name: int(Decimal(payment["position"][name])) for name in ("granted", "clawed", "frozen")}
    right = position["granted"] == one.granted and position["clawed"] in one.clawed and not position["frozen"]
    return (
        None if right and not payment["parked"] else f"{position}, not {one.granted} less one of {one.clawed}"
    )
