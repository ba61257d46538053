"""Files of the journal, read back by others' programs: the worked month's, and whatever hypothesis thinks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from scrip.domain.finance.accounts import DEFERRED, TAX_DEFERRED
from scrip.domain.finance.journal import JournalEntry, JournalLine
from tests.month import Month

MOVED = {"moved": DEFERRED, "moved_tax": TAX_DEFERRED}
"""What month.json calls the two halves of a move: in the books both are of one account."""
Sums = dict[tuple[str, str], int]


def month() -> list[JournalEntry]:
    """The 47 postings of the worked month, as the entries of the journal that they are: of one ledger entry and
    currency, one."""
    lines: dict[tuple[str, int, str], list[JournalLine]] = {}
    said = {}
    for one in Month("m-").said["journal"]:
        name = one["account"], one["seq"], one["currency"]
        said[name] = one
        lines.setdefault(name, []).extend(
            JournalLine(MOVED.get(account, account), amount) for account, amount in one["lines"].items()
        )
    return [
        entry(
            *(JournalLine(*line) for line in lines[name]),
            entry_id=f"k.{one['account']}.{one['seq']}",
            account=one["account"],
            seq=one["seq"],
            kind=one["kind"],
            at=one["at"],
            currency=one["currency"],
        )
        for name, one in said.items()
    ]


def period() -> str:
    """The worked month."""
    found: str = Month("m-").said["period"]
    return found


def trial_balance() -> Sums:
    """What the worked month's books must say, by account and currency."""
    expected = Month("m-").said["expected"]["trial_balance"]
    return {
        (account, currency): amount for currency, sums in expected.items() for account, amount in sums.items()
    }


def entry(
    *lines: JournalLine,
    entry_id: str = "k.w.1",
    account: str = "ann",
    seq: int = 1,
    kind: str = "burn",
    at: str = "2026-11-02T10:00:00.000Z",
    currency: str = "USD",
    period: str | None = None,
    late_for: str | None = None,
) -> JournalEntry:
    """An entry of the journal; 33.33 that was earned, where nothing else is said."""
    instant = int(datetime.fromisoformat(at).timestamp() * 1000)
    return JournalEntry(
        entry_id,
        account,
        "credits",
        seq,
        kind,
        instant,
        instant + 1,
        currency,
        period or at[:7],
        late_for,
        lines or (JournalLine(DEFERRED, 3333), JournalLine("revenue", -3333)),
    )


def sums(entries: Iterable[JournalEntry]) -> Sums:
    """Sums by account and currency, of those that are not 0."""
    found: Counter[tuple[str, str]] = Counter()
    for one in entries:
        for line in one.lines:
            found[line.account, one.currency] += line.amount
    return {place: amount for place, amount in found.items() if amount}
