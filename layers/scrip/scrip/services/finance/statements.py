"""Statements of a wallet: its entries of a month, counted from the ledger, and for a month that is over signed.

What a wallet had as a month ended is kept when it is first asked for, and so is the signature: from then on that month
is told alike for ever, and an entry that comes later with an instant in it belongs to the next one. So does one that
the close of that month has not seen: then a statement says what the books say. A wallet with very many entries is
counted in several requests: each keeps how far it came.

Does not own what a statement says (``domain.finance.statements``), nor which key signs (``statement_keys``).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import CatchingUp, InvalidRequest, Unavailable
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.units import Unit
from scrip.domain.finance.periods import month_before, month_bounds, month_of
from scrip.domain.finance.statements import (
    MOST_ENTRIES,
    NO_ENTRIES,
    Statement,
    StatementBalance,
    StatementSignature,
    digest,
    key_id,
    signed_line,
)
from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import reading_instant
from scrip.services.finance import frozen_heads, periods
from scrip.services.finance.statement_keys import StatementSigner, list_keys
from scrip.store import keys, ledger, rows, statements
from scrip.store.archive import Archive

SETTLING_MS: Final = 60_000
"""How long after a month's end a clock of another machine may still give an instant in it."""
BATCH: Final = 500
"""Entries that are read together."""
MOST_BYTES: Final = 1_200_000
"""Characters of entries after which a page reads no more of them: each quote in them is four bytes of an answer."""


class BrokenLedger(Exception):
    """Rows of the ledger are not the chain that the wallet's head is of. Nothing is signed; verification says where."""


class StatementQuery(NamedTuple):
    """Which statement is asked for, after which position (instant and sequence; None: from its first entry on), and how
    many entries of it."""

    month: str
    after: tuple[int, int] | None = None
    limit: int = MOST_ENTRIES


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A statement, with a page of its entries.

    Attributes:
        following: the position of the last entry of the page; None where no entry follows.
    """

    statement: Statement
    entries: Sequence[Entry]
    following: tuple[int, int] | None
    signature: StatementSignature | None


class _Ended(NamedTuple):
    """The sequence of the last entry of a month, and whether that is so for ever."""

    seq: int
    settled: bool


class _Counted(NamedTuple):
    """The wallet after some entries, and their digest."""

    balance: StatementBalance
    digest: bytes = NO_ENTRIES


def read_statement(
    executor: Executor,
    account: str,
    unit_id: str,
    query: StatementQuery,
    moment: Moment,
    signer: StatementSigner,
    archive: Callable[[], Archive],
) -> ReadStatement:
    """Returns a month's statement, with a page of its entries. What is due is booked first.

    Args:
        archive: gives the archive, which says what the close of a month has seen.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: the month has not begun.
        CatchingUp: there are more entries to count than a request has time for; the next one goes on.
        ClockBackwards, Contended, Unavailable: as for any read.
    """
    context = executor.context(account, unit_id, fresh=True)
    wallet, unit = context.snapshot.wallet, context.unit
    now = reading_instant(wallet, moment)
    begins, ends = month_bounds(query.month)
    if begins > now:
        raise InvalidRequest([("month", "must not lie in the future")])
    if wallet.next_due is not None and wallet.next_due <= now:
        wallet = executor.book_due(context, Moment(now, moment.pinned)).wallet
    months = _Months(executor, wallet, unit, archive, now)
    opening, settled = months.opening(month_before(query.month), begins)
    over = wallet.at >= ends or now >= (ends if moment.pinned else ends + SETTLING_MS)
    signature: StatementSignature | None = None
    if over:
        statement = months.whole(query.month, ends, opening, settled=settled)
        if statement.final:
            signature = months.signature(statement, signer, executor.now())
    else:
        statement = months.running(query.month, min(now, ends), opening)
    entries, following = months.page(statement, query)
    return ReadStatement(statement, entries, following, signature)


class _Months:
    """The months of one wallet, as its ledger has them."""

    def __init__(
        self, executor: Executor, wallet: Wallet, unit: Unit, archive: Callable[[], Archive], now: int
    ) -> None:
        self._tables, self._in_time = executor.tables, executor.in_time
        self._wallet, self._unit = wallet, unit
        self._named = wallet.account, wallet.unit
        self._archive, self._now = archive, now

    def opening(self, month: str, ends: int) -> tuple[StatementBalance, bool]:
        """Returns the wallet as a month that is over ended, and whether that is so for ever: then it is kept."""
        if kept := statements.get(self._tables, *self._named, month):
            return StatementBalance.of_json(kept), True
        found = statements.last_before(self._tables, *self._named, month)
        start = StatementBalance.of_json(found[1]) if found else self._nothing()
        ended = self._ended(month, ends, start)
        balance = self._count(month, start, ended.seq).balance
        return (self._keep(month, balance) if ended.settled else balance), ended.settled

    def whole(self, month: str, ends: int, opening: StatementBalance, *, settled: bool) -> Statement:
        """Returns the statement of a month that is over, and keeps the wallet as it ended.

        Args:
            settled: whether the opening is so for ever. Otherwise the statement is provisional, as it is while a close
                of the month is under way.
        """
        kept = statements.get(self._tables, *self._named, month)
        signed = statements.get(self._tables, *self._named, keys.signed_statement(month)) if kept else None
        if kept and signed:
            counted = _Counted(StatementBalance.of_json(kept), bytes.fromhex(signed["digest"]))
            return self._statement(month, ends, opening, counted)
        ended = _Ended(kept["seq"], settled=True) if kept else self._ended(month, ends, opening)
        counted = self._count(month, opening, ended.seq)
        if not (settled and ended.settled):
            return self._statement(month, ends, opening, counted, final=False)
        there = self._keep(month, counted.balance)
        if there.seq != ended.seq:
            # Somebody else was first, before the last entry was there: that is how the month ended.
            counted = self._count(month, opening, there.seq)
        return self._statement(month, ends, opening, counted)

    def running(self, month: str, as_of: int, opening: StatementBalance) -> Statement:
        """Returns the statement of a month as far as it is: it ends with the wallet as it is."""
        wallet = self._wallet
        closing = StatementBalance(wallet.version, wallet.at, wallet.head, wallet.totals, wallet.funds)
        if opening.funds is None:
            closing = closing.uncounted()
        return self._statement(month, as_of, opening, _Counted(closing), final=False)

    def signature(self, statement: Statement, signer: StatementSigner, now: int) -> StatementSignature:
        """Returns the statement's signature, which is made once."""
        sk = keys.signed_statement(statement.month)
        kept = statements.get(self._tables, *self._named, sk)
        if kept is None:
            list_keys(self._tables, signer, now)
            value = signer.sign(signed_line(statement.summary()).encode())
            assert statement.digest is not None
            kept = {
                "digest": statement.digest.hex(),
                "key_id": key_id(signer.public_key),
                "value": base64.b64encode(value).decode(),
            }
            if self._wallet.version:
                kept = statements.put_once(self._tables, *self._named, sk, kept)
        return StatementSignature(kept["key_id"], base64.b64decode(kept["value"]))

    def page(
        self, statement: Statement, query: StatementQuery
    ) -> tuple[Sequence[Entry], tuple[int, int] | None]:
        """Returns entries of a statement, and the position of the last where more follow."""
        first, last = statement.opening, statement.closing.seq
        at, after = max((first.at, first.seq), query.after or (0, 0))
        found: list[Entry] = []
        size = 0
        while after < last and len(found) < query.limit and size <= MOST_BYTES:
            some = self._read(after, at, min(last, after + query.limit - len(found)))
            found += some
            size += sum(len(entry.canonical()) for entry in some)
            at, after = some[-1].at, some[-1].seq
        return found, (at, after) if after < last else None

    def _statement(
        self, month: str, as_of: int, opening: StatementBalance, counted: _Counted, *, final: bool = True
    ) -> Statement:
        account, unit = self._named
        closing = counted.balance
        return Statement(
            account,
            unit,
            self._unit.precision,
            month,
            as_of,
            final,
            opening,
            closing,
            counted.digest if final else None,
        )

    def _nothing(self) -> StatementBalance:
        """Returns the wallet before its first entry."""
        return StatementBalance() if self._wallet.funds is not None else StatementBalance().uncounted()

    def _ended(self, month: str, ends: int, opening: StatementBalance) -> _Ended:
        """Returns with which entry a month ended: by its instant, but for what the month's close has not seen.

        Where a later month's end is kept, it is at most that one's.
        """
        wallet = self._wallet
        last = wallet.version
        if last and wallet.at >= ends:
            found = ledger.last_until(self._tables, *self._named, ends - 1)
            last = found.seq if found else 0
        if later := statements.first_after(self._tables, *self._named, month):
            last = min(last, later[1]["seq"])
        # Whatever close begins after this look has seen the wallet as it is; so closes are looked at once more.
        closing = periods.is_closing(self._tables, month, month_of(self._now))
        known = periods.known_closes(self._tables)
        if (edition := known.editions.get(month)) is not None:
            closing = False
            seen = known.heads[str(edition)]
            last = min(last, frozen_heads.sequence(self._archive(), edition, seen, *self._named))
        return _Ended(max(opening.seq, last), settled=not closing)

    def _keep(self, month: str, balance: StatementBalance) -> StatementBalance:
        """Keeps the wallet as a month ended, for ever. Of one that had no entry yet there is nothing to be kept."""
        if not balance.seq:
            return balance
        kept = statements.put_once(self._tables, *self._named, month, balance.to_json())
        return StatementBalance.of_json(kept)

    def _count(self, month: str, start: StatementBalance, last: int) -> _Counted:
        """Counts the entries after a balance up to the sequence ``last``.

        Raises:
            CatchingUp: the time is up; how far it came is kept.
        """
        counted = _Counted(start)
        kept = None
        if last - start.seq > BATCH:
            kept = statements.get(self._tables, *self._named, keys.counted_statement(month))
        if kept and kept["start"] == start.seq and kept["balance"]["seq"] <= last:
            counted = _Counted(StatementBalance.of_json(kept["balance"]), bytes.fromhex(kept["digest"]))
        begun = counted.balance.seq
        while counted.balance.seq < last:
            if counted.balance.seq > begun and not self._in_time():
                self._keep_counted(month, start, counted)
                raise CatchingUp(
                    f"{counted.balance.seq - start.seq} of {last - start.seq} entries are counted: send it again"
                )
            seq, at = counted.balance.seq, counted.balance.at
            for entry in self._read(seq, at, min(last, seq + BATCH)):
                if entry.previous_hash != counted.balance.head:
                    raise BrokenLedger(f"entry {entry.seq} does not follow the one before it")
                counted = _Counted(counted.balance.after(entry), digest(counted.digest, entry.hash()))
        return counted

    def _keep_counted(self, month: str, start: StatementBalance, counted: _Counted) -> None:
        body = {
            "start": start.seq,
            "balance": counted.balance.to_json(),
            "digest": counted.digest.hex(),
        }
        statements.put_counted(self._tables, *self._named, month, body)

    def _read(self, after: int, at: int, last: int) -> list[Entry]:
        """Reads entries after a sequence, in their order and without a gap; fewer where they are long.

        Args:
            at: an instant that is not after any of them: that of the entry before them.

        Raises:
            BrokenLedger: a row is not what was hashed.
            Unavailable: the timeline lags.
        """
        limit = last - after
        listed = ledger.listed_from(self._tables, *self._named, (at, after + 1), MAX_INSTANT, last, limit)
        stored, count = rows.named(self._tables, *self._named, [row.entry_id for row in listed], MOST_BYTES)
        by_id = {row.id: row for row in stored}
        found: list[Entry] = []
        for one in listed[:count]:
            row = by_id.get(one.entry_id)
            if row is None or one.position[1] != after + 1 + len(found):
                break
            entry = row.entry()
            if row.broken or entry.hash() != row.hash or entry.seq != one.position[1]:
                raise BrokenLedger(f"entry {one.position[1]} is not what was hashed")
            found.append(entry)
        if not found:
            raise Unavailable("the ledger's timeline lags behind")
        return found
