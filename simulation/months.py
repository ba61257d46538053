"""Months of the books, closed at any moment by processes that die anywhere, and what must be so of each that is.

A closed month has the entries that hold in it and that its close has seen, and those of months before it that came too
late for them; each entry is in exactly one month. What has seen which entry is told by each wallet's sequence. Closed
it says the same for ever.

What entries post is read from the files of editions by DuckDB, as anybody would, and added up in Python.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.domain.finance.closes import Close, canonical
from scrip.domain.finance.periods import ends, month_after, month_of
from scrip.services.engine.executor import Moment
from scrip.services.finance import closes, journals, manifests, periods, readings, workspaces
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.readings import ReportsDesk
from scrip.store.archive import Archive
from scrip.store.tables import Tables
from simulation.books import LawBroken
from simulation.bucket import Bucket
from simulation.clock import Clock
from simulation.dynamodb import Dynamo
from simulation.editions import Editions, Wallet

COLUMNS: Final = "entry_id, account, unit, seq, epoch_ms(held_at), currency, name"
ASKED_AGAIN: Final = ("trial-balance", "revenue", "liability")
"""Reports of a closed month that are asked for once more at the end of a run."""
Json = dict[str, Any]


class Line(NamedTuple):
    """What one entry posts to one account of the books: debits (positive) or credits, whichever it is of."""

    entry_id: str
    wallet: Wallet
    seq: int
    at: int
    currency: str
    name: str
    amount: int


class ClosedMonth(NamedTuple):
    """A month as its close left it: how far each wallet was, and the objects that it froze by their hashes."""

    close: Close
    seen: Mapping[Wallet, int]
    frozen: Mapping[str, str]


class Months:
    """All months of a run."""

    def __init__(self, dynamo: Dynamo, bucket: Bucket, editions: Editions, clock: Clock) -> None:
        self._tables = Tables(dynamo, "wallets", "ledger")  # type: ignore[arg-type]
        self._bucket, self._editions, self._clock = bucket, editions, clock
        self.archive = Archive(bucket, "archive")
        self.closed: dict[str, ClosedMonth] = {}
        self._open: list[Line] = []
        """What entries post that are in no closed month yet."""
        self._known = 0
        """Up to which edition its files were read."""
        self._late = set[Wallet]()
        """Wallets that were told something of a month that was over: what follows from it may be late, too."""
        self._sums = Counter[tuple[str, str]]()
        """What is booked in closed months, by currency and account of the books."""

    @property
    def last(self) -> str | None:
        """The last month that is closed."""
        return max(self.closed, default=None)

    def over(self, now: int) -> str | None:
        """The month that is to be closed, or else the last one that is."""
        due = self.due(now)
        return due if ends(due) <= now else self.last

    def wrote(self, entries: Iterable[Entry]) -> None:
        """Takes entries that were committed at once: what time does in a month is booked before it is closed."""
        for entry in entries:
            wallet, month = (entry.account, entry.unit), month_of(entry.at)
            if entry.cause and entry.committed_at >= ends(month):
                self._late.add(wallet)
            elif month in self.closed and wallet not in self._late:
                raise LawBroken(5, f"{month} is closed, and entry {entry.seq} of {wallet} is due in it")

    def due(self, now: int) -> str:
        """The first month that is not closed; the present one where all before are."""
        first = month_of(self._clock.begin)
        while first in self.closed and first < month_of(now):
            first = month_after(first)
        return first

    def look(self) -> None:
        """Looks at the months that were closed meanwhile.

        Raises:
            LawBroken: one is not as it must be.
        """
        known = periods.closes(self._tables)
        for month, closed in self.closed.items():
            if known.get(month) != closed.close.edition:
                raise LawBroken(4, f"{month} was closed, and is not as it was: {known}")
        new = sorted(known.keys() - self.closed.keys())
        if not new:
            return
        close = periods.get_period(self._tables, new[-1]).close
        assert close
        manifest = manifests.edition(self.archive, close.edition, close.edition_sha256)
        if manifest.missing or (manifest.complete_through or 0) < ends(new[-1]):
            raise LawBroken(4, f"{new[-1]} is closed with an edition that lacks something")
        self._read(manifest)
        seen = self._seen(manifest)
        before = dict(self.closed)
        for month in new:
            told = periods.get_period(self._tables, month).close
            assert told
            if told.edition != close.edition:
                raise LawBroken(4, f"{month} is closed with edition {told.edition}, not {close.edition}")
            self.closed[month] = ClosedMonth(told, seen, {one.object: one.sha256 for one in told.reports})
        placed = defaultdict[str, list[Line]](list)
        for line in self._open:
            placed[self._place(line, before)].append(line)
        self._open = [line for month, lines in placed.items() if month > new[-1] for line in lines]
        for month in new:
            self._check(month, self.closed[month], placed[month])
        if gone := [month for month in placed if month in before]:
            raise LawBroken(
                4, f"entry {placed[gone[0]][0].entry_id} is of {gone[0]}, whose close had not read it"
            )

    def end(self, folder: Path) -> None:
        """Every closed month says what it said; and with the open ones all that was ever booked is booked once."""
        if not self.closed:
            return
        desk = ReportsDesk(self._tables, self.archive, folder, lambda: self._clock.now)
        moment = Moment(self._clock.now)
        for month, closed in self.closed.items():
            self._unchanged(month, closed)
            self._asked_again(desk, month, closed, moment)
        manifest = manifests.present(self._tables, self.archive)
        self._read(manifest)
        placed = defaultdict[str, list[Line]](list)
        for line in self._open:
            placed[self._place(line, self.closed)].append(line)
        for month, lines in sorted(placed.items()):
            with readings.reading(desk, month, moment) as found:
                path = journals.write(found.books, month, folder / "journal.jsonl.gz")
                self._compare(month, path.read_bytes(), lines)

    def _place(self, line: Line, closed: Mapping[str, ClosedMonth]) -> str:
        """The month that a line is booked in: its own, or the first one that was not closed without it."""
        month = month_of(line.at)
        while month in closed and closed[month].seen.get(line.wallet, 0) < line.seq:
            month = month_after(month)
        return month

    def _read(self, manifest: Manifest) -> None:
        """Reads what editions added since the last one that was read."""
        parts = [part for part in manifest.of("postings") if part.edition > self._known]
        self._known = manifest.edition
        if parts:
            with workspaces.connect(self._editions.folder / "looking") as sql:
                paths = [self._editions.file(part) for part in parts]
                query = (
                    f"SELECT {COLUMNS}, sum(amount)::BIGINT FROM read_parquet({paths!r}) "  # noqa: S608 - our own
                    "WHERE amount <> 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, amount > 0"
                )
                for id_, account, unit, *rest in sql.sql(query).fetchall():
                    self._open.append(Line(id_, (account, unit), *rest))

    def _seen(self, manifest: Manifest) -> dict[Wallet, int]:
        """How far an edition has each wallet."""
        assert manifest.last
        with workspaces.connect(self._editions.folder / "looking") as sql:
            path = self._editions.object(manifest.last.heads)
            rows = sql.sql(f"SELECT account, unit, seq FROM read_parquet('{path}')").fetchall()  # noqa: S608 - our own
        return {(account, unit): seq for account, unit, seq in rows}

    def _check(self, month: str, closed: ClosedMonth, lines: Sequence[Line]) -> None:
        """What a close froze is what entries say."""
        self._unchanged(month, closed)
        (journal,) = [one.object for one in closed.close.reports if one.report == journals.NAME]
        self._compare(month, self._bucket.objects[journal], lines)
        opening, moved = Counter(self._sums), Counter[tuple[str, str]]()
        earned = Counter[tuple[str, str]]()
        for line in lines:
            moved[line.currency, line.name] += line.amount
            if line.name == "revenue":
                earned[line.currency, line.wallet[0]] -= line.amount
        self._sums.update(moved)
        wanted = {
            (currency, name): (opening[currency, name], moved[currency, name], amount)
            for (currency, name), amount in self._sums.items()
            if amount
        }
        told = {
            (currency, row["account"]): (row["opening"], row["movement"], row["amount"])
            for currency, row in self._rows(closed, "trial-balance")
        }
        if told != wanted:
            raise LawBroken(8, f"the trial balance of {month} is {told}, by its entries {wanted}")
        if sum(amount for _, _, amount in told.values()):
            raise LawBroken(8, f"the trial balance of {month} does not add up: {told}")
        by_account = {
            (currency, row["account"]): row["amount"]
            for currency, row in self._rows(closed, "revenue", "account")
        }
        if by_account != {name: amount for name, amount in earned.items() if amount}:
            raise LawBroken(8, f"the revenue of {month} is {by_account}, by its entries {earned}")
        self._deferred(month, closed)

    def _deferred(self, month: str, closed: ClosedMonth) -> None:
        """At the month's end lots had what the journal says is deferred, and the roll-forward adds up to it."""
        owed, closing = Counter[str](), Counter[str]()
        for currency, row in self._rows(closed, "liability"):
            owed[currency] += row["amount"]
        lines = defaultdict[str, dict[str, int]](dict)
        for currency, row in self._rows(closed, "roll-forward"):
            lines[currency][row["line"]] = row["amount"]
        for currency, one in lines.items():
            gone = sum(one[name] for name in ("recognised", "breakage", "refunded", "charged_back"))
            if one["opening"] + one["sold"] - gone + one["moved"] != one["closing"]:
                raise LawBroken(8, f"the roll-forward of {month} does not add up: {one}")
            closing[currency] = one["closing"]
        there = Counter(
            {
                currency: -amount
                for (currency, name), amount in self._sums.items()
                if name == "deferred_revenue"
            }
        )
        if +owed != +closing or +owed != +there:
            raise LawBroken(
                8, f"at the end of {month} {+owed} is owed, the books say {+closing}, its entries {+there}"
            )

    def _rows(self, closed: ClosedMonth, report: str, by: str | None = None) -> Iterator[tuple[str, Json]]:
        """Yields the rows of a frozen report, with their currencies."""
        (key,) = [
            one.object for one in closed.close.reports if one.report == report and one.options.get("by") == by
        ]
        for currency in json.loads(self._bucket.objects[key])["currencies"]:
            yield from ((currency["currency"], row) for row in currency["rows"])

    def _unchanged(self, month: str, closed: ClosedMonth) -> None:
        for key, digest in closed.frozen.items():
            body = self._bucket.objects.get(key)
            if body is None or hashlib.sha256(body).hexdigest() != digest:
                raise LawBroken(4, f"{key} of {month}, which is closed, is not as it was frozen")

    def _asked_again(self, desk: ReportsDesk, month: str, closed: ClosedMonth, moment: Moment) -> None:
        """Reports of a closed month say to the byte what they said."""
        if periods.get_period(self._tables, month).close != closed.close:
            raise LawBroken(4, f"the close of {month} is not what it was")
        frozen = {(one.report, json.dumps(one.options)): one.object for one in closed.close.reports}
        for name, options, ask in closes.FROZEN:
            if ask is None or name not in ASKED_AGAIN or options.get("by") not in (None, "account"):
                continue
            with readings.reading(desk, month, moment) as found:
                rows = [asdict(one) for one in ask(found.books, month)]
            said = canonical({"period": month, "report": name, **options, "currencies": rows})
            if said != self._bucket.objects[frozen[name, json.dumps(options)]]:
                raise LawBroken(4, f"{name} of {month}, which is closed, does not say what it said")

    @staticmethod
    def _compare(month: str, body: bytes, lines: Iterable[Line]) -> None:
        """A journal has these lines, of entries of its own month and of those that came too late for theirs."""
        told = Counter[tuple[Any, ...]]()
        for row in map(json.loads, gzip.decompress(body).splitlines()):
            for line in row["lines"]:
                told[row["entry_id"], row["late_for"], row["currency"], line["account"], line["amount"]] += 1
        wanted = Counter(
            (
                line.entry_id,
                None if month_of(line.at) == month else month_of(line.at),
                line.currency,
                line.name,
                line.amount,
            )
            for line in lines
        )
        if told != wanted:
            wrong = next(iter((told - wanted) + (wanted - told)))
            raise LawBroken(
                4, f"the journal of {month} has {told[wrong]} of {wrong}, and is to have {wanted[wrong]}"
            )
