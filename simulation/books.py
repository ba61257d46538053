"""Every wallet as its entries tell it, checked at every commit, and what clients were told, held against that.

It sees what DynamoDB holds, not what Scrip says of it: each write of both tables passes by here as it happens. What the
entries of a commit do to the lots is ``scrip.domain.verification.replay``; whether the whole of a wallet agrees is
``scrip.services.verification.wallets``: the code that operators run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits import debts as owing
from scrip.domain.credits.debts import Debts
from scrip.domain.credits.entries import GENESIS, Entry, Totals, chain
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.lot_codec import unpack
from scrip.domain.credits.lots import Lot
from scrip.domain.verification.checks import check_money
from scrip.domain.verification.posting_checks import Booked
from scrip.domain.verification.replay import ReplayedLot, follow, funds_of
from scrip.domain.wallets import carries, repayments
from scrip.domain.wallets.funds_codec import unpack_funds
from scrip.domain.wallets.holds import Hold
from scrip.store import items, keys
from simulation.budgets import SpentBudgets
from simulation.cards import OwnCards
from simulation.dynamodb import Change
from simulation.expressions import Item
from simulation.invoices import PREFIX as INVOICE
from simulation.invoices import Invoices
from simulation.notices import PREFIX as NOTICE
from simulation.notices import Notices
from simulation.order import out_of_order
from simulation.paces import Paces, is_kept
from simulation.plans import ALLOWANCE, Plans
from simulation.prices import Counted, Prices, out_of_scope
from simulation.records import Streams

LEAVING: Final = frozenset({"burn", "hold", "transfer_out", "adjustment"})
"""Kinds whose draws take credits that must be alive."""
HOLDS: Final = frozenset({"capture", "extend", "release"})

REDEMPTIONS: Final = 3
"""How often one promotion of a run may be redeemed."""


class LawBroken(BaseException):
    """A law does not hold. Not an ``Exception``: nothing in Scrip may take it for something to try again.

    Attributes:
        law: its number; 0: a request ended in no answer that a caller may get.
    """

    def __init__(self, law: int, what: str) -> None:
        super().__init__(f"law {law}: {what}")
        self.law, self.what = law, what


@dataclass(frozen=True, slots=True)
class Row:
    """A ledger row: which step wrote it (below zero: by a request that it waited for no more), for which request (0:
    for none)."""

    entry: Entry
    hash: bytes
    step: int
    request: int


@dataclass(slots=True)
class WalletBook:
    """One wallet. ``holds``: each as its last entry tells it; ``burns``: ids of entries that can be reversed;
    ``debts``: as the entries tell them, ``owed``: as they are stored; ``carries``: fractions of steps by meter;
    ``undone``: what is left of an event's, by its entry and meter, once it is reversed; ``counted``: what captures of
    holds counted, by hold and meter; ``set_aside``: what all holds hold."""

    account: str
    unit: str
    version: int = 0
    head: bytes = GENESIS
    totals: Totals = field(default_factory=Totals)
    at: int = 0
    recorded_at: int = 0
    status: str = "active"
    told: dict[int, ReplayedLot] = field(default_factory=dict)
    booked: Booked = field(default_factory=Booked)
    debts: Debts = field(default_factory=Debts)
    owed: Mapping[str, Any] | None = None
    carries: dict[str, Fraction] = field(default_factory=dict)
    undone: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    holds: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    counted: dict[tuple[int, str], Counted] = field(default_factory=dict)
    burns: list[str] = field(default_factory=list)
    plans: Plans = field(default_factory=Plans)
    streams: Streams = field(default_factory=Streams)
    paces: Paces = field(default_factory=Paces)
    budgets: SpentBudgets = field(default_factory=SpentBudgets)
    cards: OwnCards = field(default_factory=OwnCards)
    set_aside: int = 0
    notices: Notices = field(default_factory=Notices)
    moved: set[tuple[str, int]] = field(default_factory=set)
    moved_at: int = 0
    commits: int = 0

    def changes(self) -> list[int]:
        """Instants at which time does something to it, some of them past: ends and
        beginnings of lots from which something can be spent, deadlines."""
        found = [ends_at(hold) for hold in self.holds.values() if hold["status"] == "open"]
        for told in self.told.values():
            which = "effective_at" if told.pending else "expires_at"
            if told.left - told.held - told.frozen and which in told.facts:
                found.append(told.facts[which] - (told.waits and not told.pending))
        return found

    def dues(self) -> list[int]:
        """Instants at which time changes it, some of them past."""
        found = [
            told.facts["expires_at"] - told.waits
            for told in self.told.values()
            if told.left and "expires_at" in told.facts
        ]
        found += [told.facts["effective_at"] for told in self.told.values() if told.pending]
        for hold in self.holds.values():
            if hold["status"] == "open":
                found += {hold["expires_at"], ends_at(hold)}
        return found


class Books:
    """All wallets. ``answers``: the entry of each request that has one.

    Args:
        step: gives the number of the step that is running.
    """

    def __init__(self, step: Callable[[], int]) -> None:
        self._step = step
        self.wallets: dict[str, WalletBook] = {}
        self.answers: dict[tuple[int, str, str], str] = {}
        self.kinds: Counter[str] = Counter()
        self.prices = Prices()
        self._redeemed: dict[str, int] = {}
        self._invoices = Invoices()

    def of(self, account: str, unit: str) -> WalletBook:
        """The wallet's book; one without entries where it has none."""
        return self.wallets.get(keys.wallet(account, unit)) or WalletBook(account, unit)

    def forget(self, pk: str) -> None:
        """The wallet has lived its life, and the promotion of its account."""
        self._redeemed.pop(keys.wallet_parts(pk)[0], None)
        draft = self.wallets.pop(pk, None)
        for row in draft.rows.values() if draft else ():
            self.answers.pop((row.request, row.entry.account, row.entry.unit), None)

    def changed(self, changes: Sequence[Change]) -> None:
        """What was written at once. Raises ``LawBroken``."""
        entries: dict[str, list[Item]] = {}
        heads: dict[str, tuple[Item | None, Item | None]] = {}
        beside: dict[str, list[tuple[str, Item | None]]] = {}
        invoices: dict[str, Item] = {}
        for table, (pk, sk), before, after in changes:
            if table == "ledger":
                if before is not None or after is None:
                    raise LawBroken(4, f"the entry {sk} of {pk} was written over, or deleted")
                entries.setdefault(pk, []).append(after)
            elif sk == keys.WALLET:
                heads[pk] = (before, after)
            elif pk.startswith("w#"):
                beside.setdefault(pk, []).append((sk, after))
            else:
                if pk.startswith(NOTICE) and after is not None:
                    self._noticed(pk, sk, before, after)
                _document(pk, sk, before, after, self._redeemed)
                if pk.startswith(INVOICE) and after is not None:
                    invoices[pk] = after
                if after is not None and sk == keys.HEAD and (wrong := self.prices.written(pk, after)):
                    raise LawBroken(10, wrong)
        if headless := (entries.keys() | beside.keys()) - heads.keys():
            raise LawBroken(1, f"{min(headless)} was changed without its wallet")
        self._wallets_changed(heads, entries, beside)
        if wrong := self._invoices.wrong(invoices):
            raise LawBroken(2, wrong)

    def _wallets_changed(
        self,
        heads: Mapping[str, tuple[Item | None, Item | None]],
        entries: Mapping[str, Sequence[Item]],
        beside: Mapping[str, Sequence[tuple[str, Item | None]]],
    ) -> None:
        """Wallets, each with its entries and what else changed of it."""
        moved: Counter[str] = Counter()
        for pk, (before, after) in heads.items():
            rows = entries.get(pk)
            if after is None:
                raise LawBroken(4, f"the wallet {pk} was deleted")
            if rows:
                moved.update(self._committed(pk, before, after, rows, beside.get(pk, ())))
            elif before is None or _without_sweep(before) != _without_sweep(after):
                raise LawBroken(1, f"the wallet {pk} was changed without an entry")
            self._listed(pk, after)
        if moved["steps"]:
            raise LawBroken(1, f"a transfer made {moved['steps']} steps out of nothing")
        if left := {what: amount for what, amount in moved.items() if amount}:
            raise LawBroken(7, f"a transfer made {left} out of nothing")

    def _listed(self, pk: str, wallet: Item) -> None:
        """The sweep looks at a wallet before time does anything to it, whoever moved its place (law 5)."""
        first = min(self.wallets[pk].changes(), default=None) if pk in self.wallets else None
        listed = int(wallet["sweep_at"]["N"]) if "sweep_at" in wallet else None
        if first is not None and (listed is None or listed > first):
            raise LawBroken(5, f"the sweep looks at {pk} at {listed}, and time changes it at {first}")
        draft = self.wallets.get(pk)
        missing = min(draft.notices.missing(draft.told), default=None) if draft else None
        # One whose time passed while nothing was left is looked at from when something came back.
        if draft and missing and (listed is None or listed > max(missing[0], draft.at)):
            raise LawBroken(5, f"the sweep looks at {pk} at {listed}, and a notice is due: {missing[1]}")

    def _committed(
        self,
        pk: str,
        before: Item | None,
        after: Item,
        rows: Sequence[Item],
        beside: Sequence[tuple[str, Item | None]],
    ) -> Counter[str]:
        """A wallet with new entries; what transfers among them brought in, less what they took out."""
        draft = self.wallets.get(pk)
        if draft is None:
            draft = self.wallets[pk] = WalletBook(*keys.wallet_parts(pk))
        if (int(before["version"]["N"]) if before else 0) != draft.version:
            raise LawBroken(
                4, f"{pk} was at version {draft.version}, and is written as if it had been at another"
            )
        draft.commits += 1
        moved: Counter[str] = Counter()
        touched: set[int] = set()
        named = [(*keys.sidecar_name(sk), item) for sk, item in beside]
        stored = {name: items.read_sidecar(item) for kind, name, item in named if kind == ALLOWANCE and item}
        for row in sorted(rows, key=lambda one: one["tl"]["S"]):
            entry = self._appended(draft, pk, row, stored)
            moved.update(_transferred(entry))
            touched.update(draw.lot for draw in entry.draws if draw.amount)
            if entry.records and (wrong := draft.streams.unkept(entry, named)):
                raise LawBroken(3, f"entry {entry.seq} of {pk} {wrong}")
            if entry.kind == "expiry_change":
                touched.add(entry.extra["lot"]["seq"])
        if int(after["version"]["N"]) != draft.version or after["head"]["B"] != draft.head:
            raise LawBroken(
                4, f"{pk} says it is at {after['version']['N']}, its last entry is {draft.version}"
            )
        recorded_at = items.read_wallet(after).recorded_at
        if recorded_at != draft.recorded_at:
            raise LawBroken(
                4, f"{pk} says it was recorded at {recorded_at}, its last entry at {draft.recorded_at}"
            )
        totals = Totals(*(int(after[name]["N"]) for name in Totals._fields))
        if totals != draft.totals:
            raise LawBroken(1, f"{pk} says {totals}, its last entry {draft.totals}")
        there = sum(told.left for told in draft.told.values()) - totals.owed
        if there != totals.total:
            raise LawBroken(1, f"the lots of {pk} have {there} steps, its total is {totals.total}")
        if draft.paces.owing or not is_kept(after, draft.paces):
            raise LawBroken(
                2, f"{pk} has run away, and nothing says so, or its pace is not kept: {draft.paces}"
            )
        if wrong := draft.budgets.unkept(named):
            raise LawBroken(1, f"{pk} {wrong}")
        self._lots(draft, pk, after, beside, touched)
        self._funds(draft, pk, after)
        self._debts(draft, pk, beside)
        return moved

    @staticmethod
    def _debts(draft: WalletBook, pk: str, beside: Sequence[tuple[str, Item | None]]) -> None:
        """What is stored of debts is as the entries tell it, and no lot is spent that has a clawback to pay for."""
        for sk, item in beside:
            if sk == keys.sidecar(repayments.KIND, repayments.ALL):
                draft.owed = items.read_sidecar(item) if item else None
            kind, name = keys.sidecar_name(sk)
            if kind == carries.KIND:
                carry = Fraction(items.read_sidecar(item)["carry"]) if item else Fraction(0)
                if carry != draft.carries.get(name, 0):
                    raise LawBroken(
                        1, f"{pk} carries {carry} of {name}, its entries {draft.carries.get(name, 0)}"
                    )
        if draft.owed != draft.debts.to_json():
            raise LawBroken(1, f"the debts of {pk} are not as its entries tell them")
        for seq, told in draft.told.items():
            if told.left - told.held and (draft.debts.lacking(seq) or draft.debts.by_others(seq)):
                raise LawBroken(
                    7, f"lot {seq} of {pk} has credits that its clawback lacks, or others paid for"
                )

    def _appended(
        self, draft: WalletBook, pk: str, row: Item, stored: Mapping[str, Mapping[str, Any]]
    ) -> Entry:
        """One more entry. ``stored``: allowances that were written with it."""
        previous, entry = row["prev"]["B"], items.read_entry_item(row)
        name = f"entry {entry.seq} of {pk}"
        if entry.seq != draft.version + 1 or entry.id != row["sk"]["S"]:
            raise LawBroken(4, f"{name} follows entry {draft.version}")
        hashed = chain(previous, entry.canonical())
        if (previous, hashed, row["body"]["S"]) != (draft.head, row["hash"]["B"], entry.kept()):
            raise LawBroken(4, f"{name} does not follow the hash of the entry before it")
        noted = entry.kind == "release" and not entry.draws and entry.cause is None
        if draft.status == "closed" and not noted and (entry.kind, entry.status) != ("status", "closed"):
            # It may still be noted that an allowance of it is deleted, or grants nothing any more, and that a hold in
            # which nothing is left is over.
            raise LawBroken(10, f"{name} is a {entry.kind}, and the wallet is closed for ever")
        if entry.before != draft.totals or entry.amount != entry.after.total - entry.before.total:
            raise LawBroken(
                1, f"{name} does not begin with the totals that there were, or its amount is not their change"
            )
        if min(entry.after) < 0:
            raise LawBroken(2, f"{name} leaves something below zero: {entry.after}")
        draft.moved_at = draft.at
        self._in_time(draft, name, entry, row)
        self._alive(draft, name, entry)
        self._of_hold(draft, name, entry)
        if broken := draft.notices.wrong(entry, draft.told, draft.moved_at):
            raise LawBroken(broken[0], f"{name} {broken[1]}")
        self._in_its_place(draft, name, entry, stored)
        try:
            follow(draft.told, entry)
        except KeyError as error:
            raise LawBroken(1, f"{name} speaks of a lot that no entry made: {error}") from error
        try:
            draft.booked.add(entry)
        except (LookupError, AssertionError) as error:
            raise LawBroken(8, f"{name} cannot be booked: {error}") from error
        self._repaid(draft, name, entry)
        for draw in entry.draws:
            told = draft.told[draw.lot]
            if min(told.left, told.held, told.frozen, told.left - told.held - told.frozen) < 0:
                raise LawBroken(2, f"{name} takes more from lot {draw.lot} than there is")
        if broken := draft.streams.wrong(entry, draft.told, draft.budgets.bounds):
            raise LawBroken(broken[0], f"{name} {broken[1]}")
        self._priced(draft, name, entry)
        self._told(draft, entry, row, name)
        return entry

    def _priced(self, draft: WalletBook, name: str, entry: Entry) -> None:
        """What events cost, which lots pay for them, and how fast that goes."""
        if wrong := draft.paces.wrong(entry):
            raise LawBroken(2, f"{name} {wrong}")
        if wrong := self._invoices.follow(entry) or out_of_scope(entry, draft.told):
            raise LawBroken(2, f"{name} {wrong}")
        hold = entry.extra.get("hold")
        known = draft.holds.get(hold["seq"]) if isinstance(hold, dict) else None
        burned = draft.rows.get(entry.extra.get("of", "")) if entry.kind == "reversal" else None
        if broken := draft.budgets.wrong(entry, known, burned.entry if burned else None):
            raise LawBroken(broken[0], f"{name} {broken[1]}")
        draft.cards.follow(entry)
        if burned:
            draft.cards.undo(entry, burned.entry)
        if wrong := self.prices.wrong(entry, known, draft.counted, draft.cards):
            raise LawBroken(10, f"{name} {wrong}")

    @staticmethod
    def _in_time(draft: WalletBook, name: str, entry: Entry, row: Item) -> None:
        """An entry holds from, and was recorded at, no instant before those of the one before it."""
        if entry.at < draft.at or row["tl"]["S"] != keys.timeline(entry.at, entry.seq):
            raise LawBroken(4, f"{name} is earlier than the one before it")
        if entry.recorded_at is None or entry.recorded_at < max(entry.at, draft.recorded_at):
            raise LawBroken(4, f"{name} was recorded at {entry.recorded_at}, before the one before it")
        draft.at, draft.recorded_at = entry.at, entry.recorded_at

    def _in_its_place(
        self, draft: WalletBook, name: str, entry: Entry, stored: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """What time grants, and carries on, and in which order lots are taken (laws 3, 5 and 10).

        Of a wallet that is closed no allowance grants anything any more.
        """
        if draft.status != "closed" and (broken := draft.plans.wrong(entry, draft.told, stored)):
            raise LawBroken(broken.law, f"{name} {broken.what}")
        if entry.kind in LEAVING and (
            wrong := out_of_order(entry, draft.told, self.prices.policies[entry.unit])
        ):
            raise LawBroken(10, f"{name} {wrong}")

    @staticmethod
    def _repaid(draft: WalletBook, name: str, entry: Entry) -> None:
        """What is owed is owed for something (law 1), and lots repaid what they may (law 7)."""
        try:
            repaid = list(owing.follow(draft.debts, entry))
        except ValueError as error:
            raise LawBroken(1, f"{name} speaks of a debt that there was not: {error}") from error
        if draft.debts.owed != entry.after.owed:
            raise LawBroken(
                1, f"{name} leaves {entry.after.owed} owed, and {draft.debts.owed} of it for something"
            )
        for draw, purpose in repaid:
            scope = draft.told[draw.lot].facts.get("scope", ())
            if purpose.lot != draw.lot and not purpose.within(scope):
                raise LawBroken(7, f"in {name} lot {draw.lot} repays what was not owed for its meters")

    def _told(self, draft: WalletBook, entry: Entry, row: Item, name: str) -> None:
        """What the book keeps of an entry, and whose it is (law 3)."""
        request = 0
        reason = entry.cause.reason if entry.cause else None
        if reason and reason.startswith("r") and reason[1:].isdigit():
            request = int(reason[1:])
            aside = entry.kind == "transfer_in" or (entry.kind == "release" and entry.id.startswith("s."))
            # A void gives each application back by an entry, of which the last has the request's key.
            aside |= entry.made_for is not None and not named_by(entry, request)
            named = (request, entry.account, entry.unit)
            if not aside and self.answers.setdefault(named, entry.id) != entry.id:
                raise LawBroken(3, f"{name} is the second of request {request}")
        if "incident" in entry.extra and entry.kind == "expiry_change":
            moved = (entry.extra["incident"], entry.extra["lot"]["seq"])
            if moved in draft.moved:
                raise LawBroken(3, f"{name} moves lot {moved[1]} for {moved[0]} once more")
            draft.moved.add(moved)
        self.kinds[entry.kind] += 1
        draft.version, draft.head, draft.totals = entry.seq, row["hash"]["B"], entry.after
        draft.at, draft.status = entry.at, entry.status
        draft.rows[entry.id] = Row(entry, draft.head, self._step(), request)
        if entry.kind in ("burn", "capture") and (entry.amount or "carry" in entry.extra):
            draft.burns.append(entry.id)
        self._carried(draft, entry, name)
        if isinstance(entry.extra.get("hold"), dict):
            self._held(draft, entry, name)

    @staticmethod
    def _held(draft: WalletBook, entry: Entry, name: str) -> None:
        """What holds have set aside is what the wallet holds (law 6), and a lease's terms stay (law 10)."""
        now = entry.extra["hold"]
        known = draft.holds.get(now["seq"])
        draft.set_aside += still_held(now) - (still_held(known) if known else 0)
        draft.holds[now["seq"]] = now
        if draft.set_aside != entry.after.held:
            raise LawBroken(6, f"{name} leaves {entry.after.held} held, and holds have {draft.set_aside}")
        lease = now.get("lease")
        if not lease:
            return
        left = Hold.from_json(now).left
        if still_held(now) != sum(steps for _, _, steps in left):
            raise LawBroken(6, f"{name} has a lease of {still_held(now)}, and other draws: {now}")
        for _, lot, steps in left:
            if steps > draft.told[lot].held:
                raise LawBroken(6, f"{name} has a lease of {steps} in lot {lot}, of which less is held")
        if known and any(known["lease"][term] != lease[term] for term in ("grace", "timeout")):
            raise LawBroken(10, f"{name} changes the terms of a lease")
        if entry.cause is None and entry.draws and entry.kind != lease["timeout"]:
            raise LawBroken(
                10, f"{name} is a {entry.kind} at the end of a lease that says {lease['timeout']}"
            )

    @staticmethod
    def _carried(draft: WalletBook, entry: Entry, name: str) -> None:
        """Fractions of steps (law 7): of an event that is undone as a whole, nothing but whole steps is left."""
        for meter, change in entry.extra.get("carry", {}).items():
            draft.carries[meter] = draft.carries.get(meter, Fraction(0)) + Fraction(change)
        if entry.kind != "reversal":
            return
        burned = draft.rows[entry.extra["of"]].entry
        if wrong := draft.streams.wrong_reversal(entry, burned):
            raise LawBroken(7, f"{name} {wrong}")
        for meter, change in burned.extra.get("carry", {}).items():
            undone = draft.undone.get((burned.id, meter), Fraction(change))
            undone += Fraction(entry.extra.get("carry", {}).get(meter, 0))
            draft.undone[burned.id, meter] = undone
            # With its steps one record may be undone, and others of the entry have fractions alone.
            whole = "offset" not in entry.extra and int(entry.extra["reversed"]) == -burned.amount
            if whole and undone.denominator != 1:
                raise LawBroken(7, f"{name} undoes an event and leaves its fraction of {meter}")

    def _noticed(self, pk: str, sk: str, before: Item | None, after: Item) -> None:
        """A notice is given once, and what it said stays said (law 3)."""
        body = json.loads(after["body"]["S"])
        if before is not None and json.loads(before["body"]["S"]) != body:
            raise LawBroken(3, f"the notice {sk} of {pk} was given twice")
        draft = self.wallets.get(keys.wallet(*pk.removeprefix(NOTICE).split("#")))
        if draft is not None:
            draft.notices.given[sk] = body

    @staticmethod
    def _alive(draft: WalletBook, name: str, entry: Entry) -> None:
        """Law 5: what is spent lives, and what expires has ended."""
        first = entry.extra.get("held", 0) if entry.kind == "capture" else 0
        if entry.kind in LEAVING or entry.kind == "capture":
            if entry.kind == "adjustment" and entry.amount > 0:
                return
            for draw in entry.draws[first:]:
                told = draft.told.get(draw.lot)
                facts = told.facts if told else {}
                if (
                    facts.get("expires_at", entry.at + 1) <= entry.at
                    or facts.get("effective_at", 0) > entry.at
                ):
                    raise LawBroken(
                        5,
                        f"{name} at {entry.at} takes from lot {draw.lot}, which ended at {facts.get('expires_at')}",
                    )
        elif entry.kind == "expiry":
            for draw in entry.draws:
                told = draft.told.get(draw.lot)
                if told and told.facts.get("expires_at", entry.at + 1) > entry.at:
                    raise LawBroken(5, f"{name} at {entry.at} ends lot {draw.lot} before its time")

    @staticmethod
    def _of_hold(draft: WalletBook, name: str, entry: Entry) -> None:
        """Law 6: what is done to a hold is done before its deadline, by time at it, and within what it holds."""
        renews = entry.kind == "hold" and entry.extra["hold"]["seq"] != entry.seq
        if (entry.kind in HOLDS or renews) and isinstance(entry.extra.get("hold"), dict):
            known = draft.holds.get(entry.extra["hold"]["seq"])
            if known is None or known["status"] != "open":
                raise LawBroken(6, f"{name} is of a hold that is not open")
            if (ends_at(known) > entry.at) != (entry.cause is not None):
                raise LawBroken(6, f"{name} at {entry.at} is of a hold that ends at {ends_at(known)}")
            now = entry.extra["hold"]
            held = int(now["amount"] if renews else known["amount"])
            if renews and held != int(known["amount"]) + sum(draw.amount for draw in entry.draws):
                raise LawBroken(6, f"{name} fills a lease up to {held} by other draws")
            if int(now["captured"]) + int(now["released"]) > held:
                raise LawBroken(6, f"{name} captures and releases more than was held")

    @staticmethod
    def _funds(draft: WalletBook, pk: str, wallet: Item) -> None:
        """The sums of the wallet's money are what its entries say of all its lots (law 8)."""
        told = funds_of(draft.told.values())
        stored = {one.currency: one for one in unpack_funds(wallet["funds"]["B"])}
        if stored != told:
            raise LawBroken(8, f"the sums of {pk} are {stored}, its entries say {told}")
        if wrong := next(draft.booked.wrong(stored), None):
            raise LawBroken(8, f"{wrong}, in {pk}")

    @staticmethod
    def _lots(
        draft: WalletBook, pk: str, wallet: Item, beside: Sequence[tuple[str, Item | None]], touched: set[int]
    ) -> None:
        """The lots that were written are as the entries tell them (laws 1, 8, 10), and all that were touched were."""
        written: list[Lot] = unpack(wallet["window"]["B"])
        for sk, item in beside:
            written += _written(sk, item or {}, touched)
        for lot in written:
            told = draft.told.get(lot.seq)
            if told is None:
                raise LawBroken(1, f"{pk} has a lot {lot.seq} that no entry made")
            if (lot.remaining + lot.held, lot.held, lot.frozen) != (told.left, told.held, told.frozen):
                raise LawBroken(1, f"lot {lot.seq} of {pk} is not as its entries tell it")
            if lot.cost and (wrong := next(check_money(lot, told, counted=True), None)):
                raise LawBroken(8, f"{wrong}, in {pk}")
            if lot.waits != told.waits:
                raise LawBroken(10, f"lot {lot.seq} of {pk} has an end that it may not have, or has none")
            if lot.unused != told.unused:
                raise LawBroken(8, f"lot {lot.seq} of {pk} counts {lot.unused} unused, not {told.unused}")
            facts = told.facts
            fixed = (int(facts["granted"]), facts["priority"], facts["effective_at"], facts.get("expires_at"))
            if (lot.granted, lot.priority, lot.effective_at, lot.expires_at) != fixed:
                raise LawBroken(10, f"the terms of lot {lot.seq} of {pk} have changed")
        if missing := touched - {lot.seq for lot in written}:
            raise LawBroken(1, f"the lots {sorted(missing)} of {pk} were touched and not written")


def named_by(entry: Entry, request: int) -> bool:
    """Whether the entry's id is made of the key of the request with this number."""
    return entry.id == key_entry_id(entry.account, entry.unit, f"k{request}")


def ends_at(hold: Mapping[str, Any]) -> int:
    """When time ends a hold: at its deadline, or at the end of a lease's grace."""
    lease = hold.get("lease")
    return int(hold["expires_at"]) + (int(lease["grace"]) if lease else 0)


def still_held(hold: Mapping[str, Any]) -> int:
    """The steps that a hold has set aside yet."""
    return int(hold["amount"]) - int(hold["captured"]) - int(hold["released"])


def _transferred(entry: Entry) -> dict[str, int]:
    """Credits, money and tax that a transfer's entry brought in; less than nothing of what it took out."""
    if entry.kind not in ("transfer_in", "transfer_out"):
        return {}
    found: Counter[str] = Counter(steps=entry.amount)
    if entry.kind == "transfer_in":
        made = entry.extra["lot"]
        for money, currency in [made["cost"]] if "cost" in made else []:
            found.update({currency: money, f"tax in {currency}": made.get("tax", [0])[0]})
        return found
    for draw in entry.draws:
        if draw.value:
            found.subtract({draw.value.currency: draw.value.amount})
            found.subtract({f"tax in {draw.value.currency}": draw.tax or 0})
    return found


def _written(sk: str, item: Item, touched: set[int]) -> list[Lot]:
    """The lots of an item beside a wallet; of a block those that were touched alone: it has others."""
    if sk.startswith(keys.EXHAUSTED):
        named = {seq: item.get(f"lot{seq}") for seq in touched}
        return [unpack(value["B"])[0] for value in named.values() if value]
    if sk.startswith(keys.PAGE):
        return unpack(item["lots"]["B"]) if item else []
    if sk.startswith(keys.DUE) and "lot" in item:
        return unpack(item["lot"]["B"])
    return []


def _count(item: Item | None, name: str) -> int:
    return int(item[name]["N"]) if item and name in item else 0


def _document(pk: str, sk: str, before: Item | None, after: Item | None, redeemed: dict[str, int]) -> None:
    """What lies outside the wallets: revisions that follow each other, promotions that give no more than they may, and
    claims that are made once."""
    if after is None:
        return
    if "rev" in after and int(after["rev"]["N"]) != (int(before["rev"]["N"]) if before else 0) + 1:
        raise LawBroken(9, f"{pk} was written over a revision that was not read")
    if sk == keys.COUNT:
        code = pk.split("#")[1]
        redeemed[code] = redeemed.get(code, 0) + _count(after, "redeemed") - _count(before, "redeemed")
        if redeemed[code] > REDEMPTIONS:
            raise LawBroken(2, f"{code} was redeemed {redeemed[code]} times, and may be {REDEMPTIONS} times")
        if _count(after, "room") < 0 or _count(after, "handed") > REDEMPTIONS:
            raise LawBroken(2, f"{pk} gave away more than there was: {after}")
    if sk.startswith("claim#") and before is not None:
        raise LawBroken(3, f"{pk} was claimed twice: {sk}")


def _without_sweep(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in ("sweep_at", "shard")}
