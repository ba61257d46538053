"""Rows of exports that no query gives: what entries used, and rows of FOCUS 1.2.

Does not own what an entry used (``domain.usage.uses``), nor what a row of FOCUS is (``domain.finance.focus``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scrip.domain.credits.entries import Entry, read_entry
from scrip.domain.credits.records import Records
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.usage import written
from scrip.domain.finance import accounts, focus
from scrip.domain.finance.archive import booked
from scrip.domain.finance.exports import ExportOrder
from scrip.domain.finance.focus import Charge, FocusFact, FocusIssuer
from scrip.domain.finance.periods import month_of, period_of
from scrip.domain.finance.postings import Posting
from scrip.domain.usage.uses import UNDOING, Use, given_back, uses_of
from scrip.domain.wallets.corrections import BURNS
from scrip.services.engine.executor import Executor
from scrip.services.finance.workspaces import Workspace
from scrip.store import ledger

AT_ONCE: Final = 500
"""Entries that are read at a time."""
USAGE: Final = {
    "account": "VARCHAR",
    "unit": "VARCHAR",
    "entry_id": "VARCHAR",
    "seq": "BIGINT",
    "kind": "VARCHAR",
    "at": "VARCHAR",
    "used_at": "VARCHAR",
    "meter": "VARCHAR",
    "dimensions": "VARCHAR",
    "quantity": "VARCHAR",
    "credits": "VARCHAR",
    "value": "BIGINT",
    "currency": "VARCHAR",
    "member": "VARCHAR",
    "tags": "VARCHAR",
}
"""Columns of what was used, and their types."""
NUMBERS: Final = frozenset(
    (
        *("amount", "quantity", "credits"),
        *(name for name, kind in focus.COLUMNS.items() if kind == "decimal"),
    )
)
"""Columns of texts that are numbers, and may be below zero: a minus before one makes no formula of it."""
READ: Final = """
SELECT account, unit, seq, id, kind, epoch_ms(held_at), body, previous_hash, records, edition
FROM read_parquet($paths)
WHERE held_at >= epoch_ms($since) AND held_at < epoch_ms($until) AND ($account IS NULL OR account = $account)
ORDER BY held_at, account, unit, seq
"""
Json = dict[str, Any]


@dataclass(slots=True)
class ReadEntry:
    """An entry of the archive, and the edition that it is in."""

    entry: Entry
    edition: int
    undone: Entry | None = None

    @property
    def uses(self) -> Sequence[Use]:
        """Returns what it used, or gave back."""
        if self.entry.kind == UNDOING:
            return given_back(self.entry, self.undone) if self.undone else ()
        return uses_of(self.entry)


@dataclass(slots=True)
class EntryRows:
    """Rows of some objects with entries.

    Attributes:
        closes: by month that was closed, the edition that its close has seen.
        positions: the object with all lots with cost basis; of an edition with no entry there is none, nor is it read.
    """

    space: Workspace
    executor: Executor
    order: ExportOrder
    closes: Mapping[str, int]
    positions: str
    _precisions: dict[str, int] = field(default_factory=dict)

    def query(self, paths: Sequence[str]) -> str:
        """Writes the rows into a file; returns the query that reads them."""
        usage = self.order.kind == "usage"
        columns: Mapping[str, str] = USAGE if usage else dict.fromkeys(focus.COLUMNS, "VARCHAR")
        path = self.space.file("rows.jsonl")
        with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
            for read in self._read(paths):
                for row in self._usage(read) if usage else self._focus(read):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        return (
            f"SELECT * FROM read_json('{path}', format = 'newline_delimited', columns = {{{types}}}, "  # noqa: S608
            "maximum_object_size = 33554432)"
        )

    def _read(self, paths: Sequence[str]) -> Iterator[ReadEntry]:
        """Yields the entries of the span, each with the one that it undoes."""
        if not paths:
            return
        order = self.order
        values = {"paths": list(paths), "since": order.since, "until": order.until, "account": order.account}
        self.space.run([READ], **values)
        while found := self.space.sql.fetchmany(AT_ONCE):
            batch = [_entry(row) for row in found]
            for one in batch:
                if one.entry.kind == UNDOING:
                    entry, id_ = one.entry, str(one.entry.extra["of"])
                    places = ledger.with_records(self.executor.tables, entry.account, entry.unit, [id_])
                    one.undone = places.get(id_)
            yield from batch

    def _usage(self, read: ReadEntry) -> Iterator[Json]:
        entry = read.entry
        for use in read.uses:
            for number, (currency, amount) in enumerate(use.money.items() or [(None, None)]):
                yield {
                    "account": entry.account,
                    "unit": entry.unit,
                    "entry_id": entry.id,
                    "seq": entry.seq,
                    "kind": entry.kind,
                    "at": _instant(entry.at),
                    "used_at": _instant(use.at),
                    "meter": use.meter,
                    "dimensions": _object(dict(use.dimensions)),
                    "quantity": "0" if number else written(use.quantity),
                    "credits": "0" if number else self._credits(entry.unit, use.steps),
                    "value": amount,
                    "currency": currency,
                    "member": use.member,
                    "tags": _object(use.tags),
                }

    def _focus(self, read: ReadEntry) -> Iterator[Json]:
        issuer = self.order.issuer
        assert issuer, "an order of rows of FOCUS names who issues bills"
        known = FocusIssuer(
            issuer.provider, issuer.publisher, issuer.invoice_issuer, issuer.service, issuer.category
        )
        for fact in (*self._used(read), *self._booked(read)):
            try:
                yield focus.row(fact, known)
            except ValueError:
                # Money without credits, as where what was earned is given back: it has no unit price.
                yield focus.row(replace(fact, credits="0", quantity=None), known)

    def _used(self, read: ReadEntry) -> Iterator[FocusFact]:
        """Yields what an entry used, or gave back, in each currency."""
        entry = read.entry
        for use in read.uses:
            money = dict(use.money)
            if not money and (own := self._currency(entry)):
                money = {own: 0}
            for number, (currency, amount) in enumerate(money.items()):
                undone = read.undone
                fact = self._fact(read, "usage", currency, amount)
                yield replace(
                    fact,
                    credits="0" if number else self._credits(entry.unit, use.steps),
                    quantity=written(use.quantity) if use.meter and not number else None,
                    meter=use.meter,
                    member=use.member,
                    tags=use.tags,
                    corrects=fact.corrects or (undone is not None and month_of(undone.at) < fact.period),
                )

    def _booked(self, read: ReadEntry) -> Iterator[FocusFact]:
        """Yields what an entry sold, paid back, or ended unspent; and debt that it repaid, which is used by then."""
        entry = read.entry
        for posting in booked(entry) or ():
            currency, sums = posting.currency, _sums(posting)
            credits_ = self._credits(entry.unit, posting.credits)
            if posting.cause == "breakage":
                fact = self._fact(read, "unused", currency, -sums.get(accounts.BREAKAGE, 0))
                yield replace(fact, credits=credits_)
            elif posting.cause == "recognised" and entry.kind not in BURNS:
                fact = self._fact(read, "usage", currency, -sums.get(accounts.REVENUE, 0))
                yield replace(fact, credits=credits_, meter=posting.meter)
            elif posting.cause in ("sold", "refunded", "charged_back"):
                yield from self._bought(read, posting, sums)

    def _bought(self, read: ReadEntry, posting: Posting, sums: Mapping[str, int]) -> Iterator[FocusFact]:
        """Yields a purchase, or what was paid back of one, and its tax."""
        entry, currency = read.entry, posting.currency
        tax = -sum(sums.get(name, 0) for name in (accounts.TAX_PAYABLE, accounts.TAX_DEFERRED))
        paid = sum(amount for name, amount in sums.items() if name.startswith(accounts.CASH))
        elsewhere = sum(amount for name, amount in sums.items() if name.startswith("funding."))
        made = entry.extra.get("lot")
        pack, version = made.get("pack", (None, None)) if isinstance(made, dict) else (None, None)
        fact = self._fact(read, "purchase", currency, paid + elsewhere - tax)
        fact = replace(
            fact, pack=pack, version=version, corrects=fact.corrects or self._of_before(read, posting)
        )
        steps = -posting.credits
        if fact.money or steps:
            yield replace(fact, credits=self._credits(entry.unit, steps))
        if tax:
            yield replace(fact, charge="tax", money=tax)

    def _fact(self, read: ReadEntry, charge: Charge, currency: str, money: int) -> FocusFact:
        entry = read.entry
        month = month_of(entry.at)
        period = period_of(month, read.edition, self.closes)
        return FocusFact(
            charge=charge,
            entry_id=entry.id,
            entry_kind=entry.kind,
            account=entry.account,
            account_name=None,
            unit=entry.unit,
            at=entry.at,
            period=period,
            currency=currency,
            money=money,
            corrects=period != month,
        )

    def _of_before(self, read: ReadEntry, posting: Posting) -> bool:
        """Tells whether what is paid back was bought in an earlier month."""
        if posting.cause == "sold":
            return False
        made = [
            "SELECT epoch_ms(made_at) FROM read_parquet($path) WHERE account = $account AND unit = $unit AND lot = $lot"
        ]
        entry = read.entry
        with self.space.sql.cursor() as cursor:
            path = self.space.bring([self.positions])[0]
            values = {"path": path, "account": entry.account, "unit": entry.unit, "lot": posting.lot}
            found = cursor.execute(made[0], values).fetchone()
        return found is not None and month_of(int(found[0])) < month_of(entry.at)

    def _currency(self, entry: Entry) -> str | None:
        """Returns the currency of an account's bills: that of its last purchase, else that of the unit's value."""
        last = "SELECT arg_max(currency, made_at) FROM read_parquet($path) WHERE account = $account"
        with self.space.sql.cursor() as cursor:
            path = self.space.bring([self.positions])[0]
            found = cursor.execute(last, {"path": path, "account": entry.account}).fetchone()
        if found and found[0]:
            return str(found[0])
        value = self.executor.unit(entry.unit).policy.value
        return value.currency if value else None

    def _credits(self, unit: str, steps: int) -> str:
        if unit not in self._precisions:
            self._precisions[unit] = self.executor.unit(unit).precision
        return format_amount(steps, self._precisions[unit])


def _entry(row: Sequence[Any]) -> ReadEntry:
    account, unit, seq, id_, kind, at, body, previous, records, edition = row
    named = {"account": account, "at": at, "id": id_, "kind": kind, "unit": unit, "seq": seq}
    entry = read_entry(body, bytes(previous), Records(bytes(records)) if records else None, named)
    return ReadEntry(entry, edition)


def _sums(posting: Posting) -> dict[str, int]:
    """Returns the sum of a posting's lines by account."""
    found: dict[str, int] = {}
    for name, amount, _ in posting.lines:
        found[name] = found.get(name, 0) + amount
    return found


def _object(said: Mapping[str, str] | Iterable[tuple[str, str]]) -> str | None:
    """Returns members as JSON; None where there are none."""
    members = dict(said)
    return json.dumps(members, ensure_ascii=False, sort_keys=True) if members else None


def _instant(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
