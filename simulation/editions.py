"""Editions of the archive, made at any moment by processes that die anywhere, and what each that counts must be.

It has each entry once, as it was committed, and of each wallet all up to one. Where it says that nothing is missing,
that is what the wallet's head was when the heads were read; and by its postings as by its positions every lot has what
it had deferred at that instant. What it calls complete stays so: nothing is committed that was recorded before.

Files are read by DuckDB, as anybody would; nothing of Scrip's own SQL is used.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.services.finance import batches, workspaces
from scrip.services.finance.editions import Made
from scrip.services.finance.manifests import ArchivePart, Manifest
from scrip.store import items, keys
from simulation.attic import Attic
from simulation.books import Books, LawBroken, WalletBook
from simulation.bucket import Bucket
from simulation.dynamodb import Change, Dynamo
from simulation.expressions import Item

BOOKED: Final = "name, currency, sum(amount)"
OWN: Final = ("deferred_revenue", "tax_deferred")
Wallet = tuple[str, str]
"""Account and unit."""


class LotMoney(NamedTuple):
    """What a lot with cost basis has: its currency, money and tax that are deferred, steps."""

    currency: str
    deferred: int
    tax: int
    credits: int


class Known(NamedTuple):
    """An entry as it was committed. ``recorded_at`` is in epoch milliseconds, ``amount`` a text of steps."""

    id: str
    hash: str
    amount: str
    recorded_at: int


@dataclass(slots=True)
class WalletHistory:
    """The entries of a wallet in their order; ``reached``: how many of them the last edition has; ``gone``: what its
    lots had when it had lived its life."""

    entries: list[Known] = field(default_factory=list)
    reached: int = 0
    gone: dict[int, LotMoney] | None = None


@dataclass(slots=True)
class Heads:
    """What was read of heads by one step: how far each wallet was, and what its lots had at that instant."""

    seqs: dict[Wallet, int] = field(default_factory=dict)
    lots: dict[Wallet, dict[int, LotMoney]] = field(default_factory=dict)


class Editions:
    """All editions of a run.

    Args:
        bucket: that of the archive.
        books: every wallet as its entries tell it.
        step: gives the number of the step that is running.
    """

    def __init__(self, dynamo: Dynamo, bucket: Bucket, books: Books, step: Callable[[], int]) -> None:
        self._bucket, self._books = bucket, books
        self.attic = Attic(dynamo, self._scanned)
        self._step = step
        self._heads: dict[int, Heads] = {}
        """What steps read that are at an edition."""
        self.wallets: dict[Wallet, WalletHistory] = {}
        self.manifest = Manifest()
        """The last edition that was looked at."""
        self._through: dict[int, int | None] = {}
        """Up to when all was complete by the edition before one, of each edition that came to count."""
        self.made = 0
        self._deferred: Counter[tuple[str, str, str, str]] = Counter()
        """By postings: account, unit, account of the books and currency."""
        self._folder: TemporaryDirectory[str] | None = None

    @property
    def folder(self) -> Path:
        """A folder for files of this run."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="editions-")
        return Path(self._folder.name)

    def end(self, manifest: Manifest) -> None:
        """The last edition has all of every wallet."""
        if manifest.missing:
            raise LawBroken(4, f"the last edition lacks {manifest.missing[0]}")
        for wallet, history in self.wallets.items():
            if history.reached < len(history.entries):
                raise LawBroken(4, f"entry {history.reached + 1} of {wallet} is in no edition")

    def clean(self) -> None:
        """Deletes the folder."""
        if self._folder is not None:
            self._folder.cleanup()

    def wrote(self, changes: Sequence[Change]) -> list[Entry]:
        """Takes what was written at once; returns the entries that are new."""
        new = list[Entry]()
        through = self.manifest.complete_through or 0
        for table, (pk, _), before, after in changes:
            if pk == keys.ARCHIVE and before is not None and after is not None:
                was, now = (json.loads(item["body"]["S"]) for item in (before, after))
                self._counts(was.get("edition", 0), was.get("sha256", ""), now.get("edition", 0))
            if table != "ledger" or before is not None or after is None:
                continue
            entry = items.read_entry_item(after)
            new.append(entry)
            known = Known(entry.id, after["hash"]["B"].hex(), str(entry.amount), entry.committed_at)
            self.wallets.setdefault((entry.account, entry.unit), WalletHistory()).entries.append(known)
            if known.recorded_at < through:
                raise LawBroken(
                    4,
                    f"entry {entry.id} is recorded at {known.recorded_at}, and all was complete up to {through}",
                )
        return new

    def _counts(self, last: int, digest: str, edition: int) -> None:
        """An edition counts, and another did before it. Whoever made that may not have been heard of yet."""
        if last > edition:
            raise LawBroken(4, f"edition {edition} counts after edition {last}")
        if last < edition:
            bodies = self._bucket.objects.values() if last else ()
            found = next((body for body in bodies if hashlib.sha256(body).hexdigest() == digest), None)
            self._through[edition] = Manifest.from_bytes(found).complete_through if found else None

    def retires(self, pk: str) -> None:
        """A wallet is about to be forgotten."""
        wallet = keys.wallet_parts(pk)
        if wallet in self.wallets:
            self.attic.keep(pk)
            self.wallets[wallet].gone = lots_of(self._books.wallets[pk])

    def _scanned(self, found: Sequence[Item]) -> None:
        heads = self._heads.setdefault(self._step(), Heads())
        for item in found:
            wallet = keys.wallet_parts(item["pk"]["S"])
            heads.seqs[wallet] = int(item["version"]["N"])
            book = self._books.wallets.get(item["pk"]["S"])
            if book is not None:
                heads.lots[wallet] = lots_of(book)
            elif (gone := self.wallets[wallet].gone) is not None:
                heads.lots[wallet] = gone

    def begin(self) -> None:
        """A step begins an attempt at an edition."""
        self._heads[self._step()] = Heads()

    def give_up(self) -> None:
        """The step's attempt came to nothing that is known of."""
        self._heads.pop(self._step(), None)

    def check(self, made: Made) -> None:
        """Looks at the edition that counts after the step's attempt at one.

        Raises:
            LawBroken: it is not as it says.
        """
        manifest, before, heads = made.manifest, self.manifest, self._heads.pop(self._step())
        if manifest.edition < before.edition:
            # Another one was made before this one's maker was done with it: it has all of this one.
            return
        if manifest.edition == before.edition and made.entries:
            raise LawBroken(4, f"{made.entries} entries are in no edition")
        late = self.look(manifest, heads)
        if len(manifest.summaries) == len(before.summaries) + 1 and made.late != late:
            raise LawBroken(4, f"{made.late} entries are said to come late, and {late} do")
        lacks = not made.done or manifest.missing
        if (
            lacks
            and manifest.edition > before.edition
            and manifest.complete_through != self._through[manifest.edition]
        ):
            raise LawBroken(4, f"edition {manifest.edition} lacks something, and says it is complete")
        for said in manifest.missing:
            account, _, unit = said.partition(":")[0].rpartition("/")
            if self.wallets[account, unit].reached == heads.seqs.get((account, unit)):
                raise LawBroken(4, f"edition {manifest.edition} has all of what it lacks: {said}")
        for wallet, seq in heads.seqs.items() if not lacks else ():
            if self.wallets[wallet].reached < seq:
                raise LawBroken(
                    4, f"edition {manifest.edition} says it is complete, and lacks entry {seq} of {wallet}"
                )

    def look(self, manifest: Manifest, heads: Heads) -> int:
        """Looks at what editions have added up to one; returns how many of these entries are of days before.

        Args:
            heads: what was read of them as it was made, where that is known.
        """
        late = self._look(manifest, heads) if manifest.edition > self.manifest.edition else 0
        self.manifest = max(manifest, self.manifest, key=lambda one: one.edition)
        return late

    def _look(self, manifest: Manifest, heads: Heads) -> int:
        """Reads what was added since the edition that was looked at last; returns how much of it is of days before."""
        self.made += 1
        last = self.manifest.edition
        with workspaces.connect(self.folder / "looking") as sql:
            new = {
                kind: [self.file(part) for part in manifest.of(kind) if part.edition > last]
                for kind in ("entries", "postings", "totals", "accounts")
            }

            def rows(columns: str, paths: Sequence[str], rest: str = "") -> list[Any]:
                query = f"SELECT {columns} FROM read_parquet({paths!r}) {rest}"  # noqa: S608 - all of it is our own
                return sql.sql(query).fetchall() if paths else []

            days = self._entries(
                rows(
                    "account, unit, seq, id, hex(hash), amount::VARCHAR, epoch_ms(recorded_at)",
                    new["entries"],
                    "ORDER BY 1, 2, 3",
                )
            )
            said = Counter[str]()
            for part in manifest.of("entries"):
                said[part.day] += part.rows if part.edition > last else 0
            if said != days:
                raise LawBroken(4, f"edition {manifest.edition} says it adds {said}, and adds {days}")
            self._sums(
                rows(
                    "account, unit, name, currency, sum(amount) FILTER (NOT transit)",
                    new["postings"],
                    "GROUP BY ALL",
                )
            )
            booked = [
                {tuple(name): amount for *name, amount in rows(BOOKED, new[kind], "GROUP BY ALL") if amount}
                for kind in ("postings", "totals", "accounts")
            ]
            if booked[0] != booked[1] or booked[0] != booked[2]:
                raise LawBroken(
                    8, f"sums of edition {manifest.edition} are not those of its postings: {booked}"
                )
            if manifest.last:
                self._reached(rows("account, unit, seq, hash", [self.object(manifest.last.heads)]))
                self._positions(manifest, heads, rows)
        through = self.manifest.complete_through
        return sum(n for day, n in days.items() if through is not None and day < batches.day_of(through))

    def object(self, key: str, digest: str = "") -> str:
        """Writes an object into a file; returns its path."""
        body = self._bucket.objects.get(key)
        if body is None or (digest and hashlib.sha256(body).hexdigest() != digest):
            raise LawBroken(4, f"{key} is not in the archive, or not as it was put")
        path = self.folder / hashlib.sha256(key.encode()).hexdigest()[:24]
        path.write_bytes(body)
        return str(path)

    def file(self, part: ArchivePart) -> str:
        """Writes an object of an edition into a file; returns its path."""
        return self.object(part.key, part.sha256)

    def _entries(self, rows: Iterable[Sequence[Any]]) -> Counter[str]:
        """Each entry follows the one before it; returns how many are of each day."""
        days = Counter[str]()
        for account, unit, seq, id_, hashed, amount, recorded_at in rows:
            history = self.wallets[account, unit]
            if seq != history.reached + 1:
                raise LawBroken(4, f"an edition has entry {seq} of {account} after {history.reached}")
            history.reached += 1
            if seq > len(history.entries):
                raise LawBroken(4, f"an edition has entry {seq} of {account}, which nobody committed")
            known = history.entries[seq - 1]
            if known != (id_, hashed.lower(), amount, recorded_at):
                raise LawBroken(4, f"an edition has entry {seq} of {account} otherwise than it was committed")
            days[batches.day_of(recorded_at)] += 1
        return days

    def _reached(self, rows: Iterable[Sequence[Any]]) -> None:
        """How far the edition says that it has each wallet is how far it has it."""
        said = {(account, unit): (seq, hashed) for account, unit, seq, hashed in rows}
        for wallet, history in self.wallets.items():
            seq, hashed = said.pop(wallet, (0, ""))
            if seq != history.reached or (
                history.entries and seq and history.entries[seq - 1].hash != hashed
            ):
                raise LawBroken(4, f"an edition says it has {wallet} up to {seq}, and has {history.reached}")
        if said:
            raise LawBroken(4, f"an edition has wallets that nobody made: {min(said)}")

    def _sums(self, rows: Iterable[Sequence[Any]]) -> None:
        for account, unit, name, currency, amount in rows:
            if name in OWN:
                self._deferred[account, unit, name, currency] -= int(amount or 0)

    def _positions(self, manifest: Manifest, heads: Heads, rows: Any) -> None:
        """What lots had as the heads were read: by their postings, and by the edition's positions (law 8)."""
        whole = [one for one, seq in heads.seqs.items() if self.wallets[one].reached == seq]
        asked = [one for one in whole if self.wallets[one].entries]
        named = ", ".join(f"('{account}', '{unit}')" for account, unit in asked)
        found: dict[Wallet, dict[int, LotMoney]] = {}
        assert manifest.last
        if asked:
            path = self.object(manifest.last.positions)
            columns = "account, unit, lot, currency, deferred, tax_deferred, credits"
            for account, unit, lot, *money in rows(columns, [path], f"WHERE (account, unit) IN ({named})"):
                found.setdefault((account, unit), {})[lot] = LotMoney(*money)
        for wallet in asked:
            lots = heads.lots[wallet]
            if found.get(wallet, {}) != lots:
                raise LawBroken(8, f"edition {manifest.edition} has lots of {wallet} otherwise than they are")
            sums = Counter[tuple[str, str]]()
            for lot in lots.values():
                sums["deferred_revenue", lot.currency] += lot.deferred
                sums["tax_deferred", lot.currency] += lot.tax
            for (name, currency), amount in sums.items():
                there = self._deferred[(*wallet, name, currency)]
                if there != amount:
                    raise LawBroken(
                        8,
                        f"by the journal of edition {manifest.edition} {wallet} has {there} of {currency} as {name}, "
                        f"and its lots {amount}",
                    )
            self._settled(wallet)

    def _settled(self, wallet: Wallet) -> None:
        """Of a wallet that is gone nothing more can come: what is kept of it is little from now on."""
        history = self.wallets[wallet]
        if history.gone is not None and history.reached == len(history.entries):
            self.attic.forget(keys.wallet(*wallet))
            history.entries.clear()
            history.gone = {}


def lots_of(book: WalletBook) -> dict[int, LotMoney]:
    """What each lot with cost basis has, as the wallet's entries tell it."""
    return {
        seq: LotMoney(
            told.facts["cost"][1],
            told.facts["cost"][0] - told.accounted_for,
            told.tax - told.tax_due - told.tax_refunded - told.tax_moved if told.tax_at_redemption else 0,
            told.left,
        )
        for seq, told in book.told.items()
        if "cost" in told.facts
    }
