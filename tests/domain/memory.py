"""A home for one wallet in plain dicts, which does what the store does and checks every invariant as it goes.

``Vault`` applies decisions as ``store.commit`` writes them, answers needs as ``store.wallets`` reads them, and
drives a command as ``services.engine.executor`` does: apply what is due, decide, commit, bookings first
where they do not fit. What it keeps has been an item in between, so that nothing survives that DynamoDB would lose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, TypeVar

from scrip.domain.credits import limits
from scrip.domain.credits.entries import GENESIS, Cause, Entry, EntryKind, Totals
from scrip.domain.credits.errors import Crowded
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.lots import NOTE, Lot, lot_facts, order_key
from scrip.domain.credits.rates import whole
from scrip.domain.credits.units import OverCapture, Policy
from scrip.domain.verification.checks import (
    StoredLots,
    check_debts,
    check_lots,
    check_totals,
    check_wallet,
)
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.replay import replay
from scrip.domain.wallets import allowances, carries, corrections, transfers
from scrip.domain.wallets import status as standing
from scrip.domain.wallets.allowances import Allowance, Plan
from scrip.domain.wallets.burns import Burn, Mode, burn
from scrip.domain.wallets.captures import Capture, capture
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.draws import too_many_lots
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.funds import Funds, follow
from scrip.domain.wallets.grants import Grant, grant
from scrip.domain.wallets.holds import Hold, extend, find, place, release
from scrip.domain.wallets.position import Credit, GivenBack, Position, Post, Target, credit, post
from scrip.domain.wallets.wallet import (
    Due,
    KeyRun,
    Name,
    Need,
    NeedBlock,
    NeedBlocks,
    NeedDue,
    NeedFront,
    NeedPage,
    NeedRun,
    NeedSidecars,
    Page,
    Sidecar,
    Snapshot,
    Status,
    Wallet,
)
from scrip.store import items, keys
from tests.domain.builders import START, grants, lot, moment, span

T = TypeVar("T")
Act = Callable[[Draft, int], Entry | None]
ITEM_BYTES: Final = 1024
"""One write unit: what the wallet item, and each page, must fit in."""


@dataclass
class Vault:
    """One wallet and all that lies beside it.

    Attributes:
        now: this machine's clock.
        member: who uses the credits of whatever is asked for.
        commits: every decision that was committed; ``reads``: what had to be read for the last command.
        checked: whether every commit is checked whole. A wallet of ten thousand lots is checked at the end.
    """

    policy: Policy = field(default_factory=Policy)
    account: str = "acme"
    unit: str = "credits"
    now: int = START
    member: str | None = None
    checked: bool = True
    commits: list[Decision] = field(default_factory=list)
    reads: list[Need] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    dues: dict[tuple[int, str], Due] = field(default_factory=dict)
    blocks: dict[int, dict[int, Lot]] = field(default_factory=dict)
    sidecars: dict[Name, Sidecar] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wallet = Wallet(self.account, self.unit, self.policy.lot_order)

    def copy(self) -> Vault:
        """Another wallet that is as this one is now, with a history of its own from here on."""
        other = replace(
            self,
            commits=[],
            reads=[],
            entries=list(self.entries),
            pages=dict(self.pages),
            dues=dict(self.dues),
            blocks={number: dict(block) for number, block in self.blocks.items()},
            sidecars=dict(self.sidecars),
            positions=dict(self.positions),
        )
        other.wallet = self.wallet
        return other

    # What a caller may ask for

    def grant(self, text: str) -> list[int]:
        """Grants such lots, and says their sequences."""
        return [self.grant_one(command).seq for command in grants(text)]

    def grant_one(self, command: Grant) -> Entry:
        return self.carry_out(
            lambda draft, now: grant(draft, command, self.policy, now, self.cause("grant"))[0]
        )

    def burn(self, amount: int, mode: Mode = "exact", meter: str | None = None) -> Entry:
        return self.carry_out(
            lambda draft, now: burn(draft, Burn(amount, self.policy, mode, meter), now, self.cause("burn"))
        )

    def use(self, cost: Fraction, meter: str = "api", mode: Mode = "exact") -> Entry:
        """An event of a meter that costs so many steps, as ``services.wallets.burns`` prices it."""

        def act(draft: Draft, now: int) -> Entry:
            rests = {}
            steps = int(cost)
            if cost.denominator != 1:
                steps, _ = whole(cost, carries.carried(draft, meter))
                rests = {meter: cost - steps}
            command = Burn(steps, self.policy, mode, meter, self.usage(meter), rests)
            return burn(draft, command, now, self.cause("use"))

        return self.carry_out(act)

    def usage(self, meter: str) -> dict[str, Any] | None:
        """What the entry says of a meter's event; where nobody looks at it, nothing."""
        return None

    def void(self, seq: int, amount: int | None = None, mistake: bool = False) -> Entry:
        command = corrections.Void(seq, amount, mistake)
        return self.carry_out(lambda draft, now: corrections.void(draft, command, now, self.cause("void")))

    def reverse(self, burned: Entry, amount: int | None = None, offset: int | None = None) -> Entry:
        command = corrections.Reverse(burned, amount, offset)
        return self.carry_out(
            lambda draft, now: corrections.reverse(draft, command, now, self.cause("reversal"))
        )

    def debit(self, amount: int) -> Entry:
        return self.carry_out(
            lambda draft, now: corrections.debit(draft, corrections.Debit(amount), now, self.cause("debit"))
        )

    def set_status(self, status: Status) -> Entry:
        return self.carry_out(
            lambda draft, now: standing.set_status(draft, status, now, self.cause("status"))
        )

    def allow(self, plan: Plan, name: str = "plan") -> Entry | None:
        """Puts an allowance. None where it was just so already, or where time has grants to make of it first."""

        def act(draft: Draft, now: int) -> Entry | None:
            entry = allowances.put(
                draft, allowances.PutAllowance(name, plan, self.policy), now, self.cause("allow")
            )
            found = allowances.find(draft, name)
            return None if found and found.next_at is not None and found.next_at <= now else entry

        return self.carry_out_if_any(act)

    def disallow(self, name: str = "plan") -> Entry:
        """Deletes an allowance."""
        return self.carry_out(lambda draft, now: allowances.delete(draft, name, now, self.cause("disallow")))

    def allowance(self, name: str = "plan") -> Allowance:
        """An allowance as a read shows it."""
        found = self.reading(lambda draft: allowances.find(draft, name))
        assert found
        return found

    def transfer(self, other: Vault, amount: int) -> Entry:
        """Moves credits to another wallet, as ``services.wallets.transfers`` does it. What arrives are the other's last
        entries, as many as the entry has draws."""
        other.carry_out_if_any(None)
        received: list[Decision] = []

        def act(draft: Draft, now: int) -> Entry:
            cause = self.cause("transfer")
            sent, pieces = transfers.send(
                draft, transfers.Send(amount, other.account, self.policy), now, cause
            )
            received[:] = [
                other.decide(
                    lambda there, then: transfers.receive(there, pieces, sent, max(now, then), cause)[-1]
                )[0]
            ]
            return sent

        sent = self.carry_out(act)
        other.commit(received[0])
        return sent

    def pay(
        self,
        name: str,
        face: str,
        clawed: int = 0,
        refunded: int = 0,
        frozen: int = 0,
        given: GivenBack | None = None,
    ) -> list[str]:
        """Posts where the payment ``name`` for the lot ``face`` stands now. Gives the kinds of the entries made."""
        made: list[Entry] = []

        def act(draft: Draft, now: int) -> Entry | None:
            before = len(draft.entries)
            posted[:] = [
                post(
                    draft,
                    Post(
                        grants(face)[0],
                        self.policy,
                        self.positions.get(name, Position()),
                        Target(clawed=clawed, frozen=frozen, refunded=refunded),
                        given or GivenBack(),
                    ),
                    now,
                    lambda kind: self.cause(f"{name} {kind}"),
                )
            ]
            made[:] = draft.entries[before:]
            return made[-1] if made else None

        posted: list[Position] = []
        self.carry_out_if_any(act)
        self.positions[name] = posted[0]
        return [entry.kind for entry in made]

    def keep(self, name: str, credited: int, kept: int, terms: str = "1", tax: int = 0) -> Entry:
        """So much of the payment ``name`` is credit by now, on these terms."""
        posted = self.positions[name]

        def act(draft: Draft, now: int) -> Entry:
            on = replace(grants(terms)[0], kind="refund")
            command, seq = Credit(self.policy, posted, credited, kept, on, tax), draft.next_seq
            after[:] = [credit(draft, command, now, lambda kind: self.cause(f"{name} {seq} {kind}"))]
            return draft.entries[-1]

        after: list[Position] = []
        entry = self.carry_out(act)
        self.positions[name] = after[0]
        return entry

    def hold(
        self, amount: int, text: str = "15m", over: OverCapture = "refuse", meter: str | None = None
    ) -> Entry:
        """Holds so many steps for so long. The hold is named by the entry's sequence."""
        return self.carry_out(
            lambda draft, now: place(
                draft,
                Hold(0, amount, now + span(text), over, (), meter),
                self.policy,
                now,
                self.cause("hold"),
            )
        )

    def capture(self, seq: int, amount: int | None = None, final: bool = True) -> Entry:
        cause = self.cause("capture")
        return self.carry_out(
            lambda draft, now: capture(draft, Capture(seq, self.policy, amount, final), now, cause)
        )

    def release(self, seq: int) -> Entry:
        cause = self.cause("release")
        return self.carry_out(lambda draft, now: release(draft, seq, now, cause))

    def extend(self, seq: int, text: str) -> Entry:
        """Moves the deadline to so long from now."""
        return self.carry_out(
            lambda draft, now: extend(draft, seq, now + span(text), now, self.cause("extend"))
        )

    def found(self, seq: int, at: int | None = None) -> Hold:
        """The hold as a read shows it."""
        return self.reading(lambda draft: find(draft, seq), at)

    def sweep(self) -> int:
        """Books what is due, as the sweep does; how many entries that took. Where nothing was due after all, the
        wallet's place in the index is moved to what is."""
        before = self.wallet.version
        self.carry_out_if_any(None)
        if self.wallet.version == before:
            self.wallet = self.wallet.sweep(self.next_change())
            self.check_shape()
        return self.wallet.version - before

    def next_change(self) -> int | None:
        """When time changes the wallet next, given that all that is due is booked."""
        snapshot, now = Snapshot(self.wallet), max(self.now, self.wallet.at)
        while True:
            try:
                draft = Draft(snapshot)
                assert apply_due(draft, now, batch=limits.DUE_BATCH, room=limits.BOOKING_ITEMS)
                assert not draft.entries
                return draft.next_change(now)
            except Need as need:
                self.provide(snapshot, need)

    def wait(self, text: str) -> None:
        """Time goes by. Nothing runs."""
        self.now += span(text)

    def until(self, text: str) -> None:
        """It is that moment now."""
        self.now = moment(text)

    def cause(self, about: str) -> Cause:
        """A cause with a key of its own."""
        return Cause(
            key_entry_id(self.account, self.unit, f"{about} {self.wallet.version}"),
            "fingerprint",
            "test",
            member=self.member,
        )

    # What there is

    def look(self, at: int | None = None) -> Totals:
        """The totals as a read shows them: as if all that is due were booked."""
        return self.reading(lambda draft: draft.totals, at)

    def open(self, at: int | None = None) -> str:
        """The open lots as a read shows them, in burn order: ``1:70 2:50``."""

        def seen(draft: Draft) -> str:
            if draft.has_pages() and not draft.snapshot.complete:
                raise NeedFront(0)
            found = sorted(draft.loaded_lots(), key=draft.key)
            return " ".join(f"{lot.seq}:{lot.spendable}" for lot in found)

        return self.reading(seen, at)

    def reading(self, look: Callable[[Draft], T], at: int | None = None) -> T:
        snapshot = Snapshot(self.wallet)
        now = max(self.now if at is None else at, self.wallet.at)
        while True:
            try:
                draft = Draft(snapshot)
                assert apply_due(draft, now, batch=limits.DUE_BATCH_READ)
                return look(draft)
            except Need as need:
                self.provide(snapshot, need)

    def lot(self, seq: int) -> Lot:
        """The lot with this sequence, wherever it lies."""
        (found,) = [lot for lot in self.all_lots() if lot.seq == seq]
        return found

    def all_lots(self) -> Iterator[Lot]:
        stored_lots = self.stored_lots()
        yield from (*stored_lots.open, *stored_lots.pending, *stored_lots.exhausted)

    def stored_lots(self) -> StoredLots:
        paged = [lot for key in sorted(self.pages) for lot in self.pages[key].lots]
        pending = [due.lot for due in self.dues.values() if due.lot]
        return StoredLots([*self.wallet.window, *paged], pending, [*self.resting()])

    def resting(self) -> Iterable[Lot]:
        return (lot for block in self.blocks.values() for lot in block.values())

    # As operations.executor does it

    def carry_out(self, act: Act) -> Entry:
        entry = self.carry_out_if_any(act)
        assert entry, "a command without an entry"
        return entry

    def carry_out_if_any(self, act: Act | None) -> Entry | None:
        """Decides and commits until it is done. Without ``act`` only time is at work."""
        self.reads = []
        while True:
            decision, entry = self.decide(act)
            if not decision.entries:
                return None
            self.commit(decision)
            if entry:
                return entry

    def decide(self, act: Act | None) -> tuple[Decision, Entry | None]:
        """A decision on the wallet as it is. Without an entry it only books what was due."""
        snapshot, now = Snapshot(self.wallet), max(self.now, self.wallet.at)
        while True:
            try:
                draft = Draft(snapshot, recorded_at=self.now, runaway=self.policy.runaway)
                if not apply_due(draft, now, batch=limits.DUE_BATCH, room=limits.BOOKING_ITEMS):
                    return draft.decision(), None
                due = len(draft.entries)
                try:
                    entry = act(draft, now) if act else None
                    room = limits.COMMIT_ITEMS if entry or not act else limits.BOOKING_ITEMS
                    all_due_applied = apply_due(draft, now, room=room)
                    decision = draft.decision()
                    if (
                        all_due_applied or not entry
                    ) and decision.items + limits.COMMIT_SLACK // 2 <= limits.COMMIT_ITEMS:
                        return decision, entry
                except Crowded:
                    pass
                if not due:
                    raise too_many_lots()
                draft = Draft(snapshot, recorded_at=self.now)
                apply_due(draft, now, room=limits.BOOKING_ITEMS)
                return draft.decision(), None
            except Need as need:
                self.reads.append(need)
                self.provide(snapshot, need)

    # As store.wallets does it

    def provide(self, snapshot: Snapshot, need: Need) -> None:
        """Puts into the snapshot what the decision needs."""
        match need:
            case NeedFront(count=count):
                front = sorted(self.pages)[: count or None]
                self._add(snapshot, front)
                snapshot.front = len(front)
                snapshot.complete = not count or len(front) < count
            case NeedPage(key=key, spanning=spanning):
                covering = max((page for page in self.pages if page <= key), default=None)
                page = covering if covering is not None else min(self.pages)
                self._add(snapshot, [page])
                snapshot.covering[key] = page
                if spanning:
                    after = min((other for other in self.pages if other > page), default=None)
                    snapshot.spans.append((min(key, page), page, after))
            case NeedDue(limit=limit):
                dues = [self.dues[place] for place in sorted(self.dues)[:limit]]
                dues, snapshot.due_limit = need.cut(dues) if need.until is None else (dues, limit)
                snapshot.dues = tuple(dues)
                named = {due.page for due in snapshot.dues if due.page} - set(snapshot.pages)
                self._add(snapshot, [key for key in named if key in self.pages])
            case NeedBlock(number=None):
                snapshot.blocks = {number: dict(block) for number, block in self.blocks.items()}
                snapshot.all_blocks = True
            case NeedBlock(number=int(number)):
                snapshot.blocks[number] = dict(self.blocks.get(number, {}))
            case NeedRun():
                self._read_on(snapshot, need)
            case NeedBlocks(numbers=numbers):
                snapshot.blocks |= {number: dict(self.blocks.get(number, {})) for number in numbers}
            case NeedSidecars(names=names):
                snapshot.sidecars.update((name, self.sidecars.get(name)) for name in names)
            case _:
                raise need

    def _read_on(self, snapshot: Snapshot, need: NeedRun) -> None:
        """Reads the next items of a run, as lists do."""
        known = snapshot.runs.get((need.kind, need.after), KeyRun())
        everything = {
            "page": sorted(self.pages),
            "due": sorted(f"{at:015d}#{what}" for at, what in self.dues),
            "rest": sorted(f"{number:012d}" for number in self.blocks),
            **{
                kind: sorted(name for of, name in self.sidecars if of == kind)
                for kind in ("hold", "allowance")
            },
        }[need.kind]
        first = need.after
        if need.kind == "page" and first and not known.keys:
            known = KeyRun((max((key for key in everything if key <= first), default=min(everything)),))
        behind = known.keys[-1] if known.keys else first
        begins = need.kind == "rest" and not known.keys
        found = [key for key in everything if key > behind or (begins and key == behind)][: need.count]
        ended = len(found) < need.count
        keys_read = (*known.keys, *found)
        dues: tuple[Due, ...] = ()
        if need.kind == "page":
            self._add(snapshot, keys_read)
        elif need.kind == "due":
            dues = tuple(self.dues[int(key[:15]), key[16:]] for key in found)
        elif need.kind != "rest":
            snapshot.sidecars.update(((need.kind, name), self.sidecars[need.kind, name]) for name in found)
        else:
            snapshot.blocks.update((int(key), dict(self.blocks[int(key)])) for key in found)
            snapshot.all_blocks |= not need.after and ended
        snapshot.runs[need.kind, need.after] = KeyRun(keys_read, ended, (*known.dues, *dues))

    def _add(self, snapshot: Snapshot, names: Iterable[str]) -> None:
        snapshot.pages.update((key, self.pages[key]) for key in names)

    # As store.commit does it

    def commit(self, decision: Decision) -> None:
        """All of the decision, on the condition on the version that it was made on."""
        assert decision.seen == self.wallet.version, "the version has moved"
        assert decision.wallet.version == decision.seen + len(decision.entries)
        pk = keys.wallet(self.account, self.unit)
        fit(items.wallet_item(decision.wallet))
        self.wallet = items.read_wallet(items.wallet_item(decision.wallet))
        assert self.wallet == decision.wallet
        for key, page in decision.pages.items():
            if page:
                fit(items.page_item(pk, page))
                self.pages[key] = items.read_page(items.page_item(pk, page))
                assert self.pages[key] == page
            else:
                del self.pages[key]
        for (at, what), due in decision.dues.items():
            if due:
                self.dues[at, what] = items.read_due(items.due_item(pk, due))
                assert self.dues[at, what] == due
            else:
                self.dues.pop((at, what), None)
        for seq, rested in decision.exhausted.items():
            block = self.blocks.setdefault(seq // limits.BLOCK_SEQS, {})
            if rested:
                block[seq] = rested
            else:
                block.pop(seq, None)
        for name, sidecar in decision.sidecars.items():
            assert name[0] != NOTE or name not in self.sidecars, "a note is written once"
            if sidecar is None:
                self.sidecars.pop(name, None)
            else:
                self.sidecars[name] = items.read_sidecar(items.sidecar_item(pk, name, sidecar))
        self.entries += decision.entries
        self.commits.append(decision)
        assert decision.items <= limits.COMMIT_ITEMS
        assert len({entry.id for entry in decision.entries}) == len(decision.entries)
        if not self.checked:
            return
        if self.wallet.version < 30 or len(self.commits) % 8 == 0:
            self.check()
        else:
            # All but the hashes of entries that were checked before.
            assert [
                *check_totals(self.wallet, self.stored_lots()),
                *check_lots(self.wallet, self.entries, self.stored_lots()),
                *check_debts(self.entries, self.stored_lots(), self.sidecars),
            ] == []
            self.check_shape()

    # The invariants

    def check(self) -> None:
        """Everything that must hold after a commit (laws 1, 2, 4, 5, 8 and the wallet's own shape)."""
        assert self.findings() == []
        self.check_shape()

    def findings(self) -> list[Discrepancy]:
        return list(
            check_wallet(
                self.wallet, {entry.seq: entry for entry in self.entries}, self.stored_lots(), self.sidecars
            )
        )

    def check_shape(self) -> None:
        """Window, pages, due items and blocks as ``domain.wallets.draft`` promises them."""
        self._check_order()
        self._check_dues()
        for number, block in self.blocks.items():
            assert all(seq // limits.BLOCK_SEQS == number and lot.seq == seq for seq, lot in block.items())
        seqs = [lot.seq for lot in self.all_lots()]
        assert len(seqs) == len(set(seqs)), "a lot in two places"
        assert sorted(seqs) == sorted(replay(self.entries)), "a lot in no place"
        noted = {int(name) for kind, name in self.sidecars if kind == NOTE}
        assert {lot.seq for lot in self.all_lots() if lot.noted} == noted

    @property
    def settled(self) -> bool:
        """Whether the last commit was a caller's: then nothing may be due. A booking may leave some for the next."""
        return bool(self.entries and not self.entries[-1].timely)

    def _check_order(self) -> None:
        wallet = self.wallet
        probe = Draft(Snapshot(wallet))
        assert len(wallet.window) <= limits.WINDOW_LOTS
        everything: list[Lot] = list(wallet.window)
        for number, key in enumerate(sorted(self.pages)):
            page = self.pages[key]
            assert page.key == key
            assert 0 < len(page.lots) <= limits.PAGE_LOTS
            first = probe.key(page.lots[0])
            assert not number or first >= key, "a lot that sorts before its page"
            everything += page.lots
        burn_keys = [probe.key(lot) for lot in everything]
        assert burn_keys == sorted(burn_keys), "not in burn order"
        assert wallet.paged == sum(len(page.lots) for page in self.pages.values())
        assert wallet.window or not wallet.paged, "a window that was not filled again"
        assert all(lot.spendable > 0 for lot in everything)
        if self.settled:
            assert all(lot.lives(wallet.at) for lot in everything)

    def _check_dues(self) -> None:
        wallet = self.wallet
        for key, page in self.pages.items():
            expiries = [lot.expires_at for lot in page.lots if lot.expires_at is not None]
            if expiries:
                assert page.due_at is not None
                assert page.due_at <= min(expiries)
            assert page.due_at is None or (page.due_at, key) in self.dues
        for (at, what), due in self.dues.items():
            assert (due.at, due.what) == (at, what)
            if due.lot:
                assert (what, at) == (f"lot.{due.lot.seq}", due.lot.effective_at)
                assert at > wallet.at or not self.settled, "a pending lot whose time has come"
        if self.dues:
            assert wallet.due_at is not None
            assert wallet.due_at <= min(self.dues)[0]
        stored_lots = self.stored_lots()
        changes = [lot.expires_at for lot in stored_lots.open if lot.expires_at is not None]
        changes += [lot.effective_at for lot in stored_lots.pending]
        if changes:
            assert wallet.next_due is not None
            assert wallet.sweep_at is not None
            assert max(wallet.next_due, wallet.sweep_at) <= min(changes)


def fit(item: dict[str, Any]) -> None:
    """The item costs one write unit."""
    assert item_bytes(item) <= ITEM_BYTES, f"{item_bytes(item)} bytes"


def item_bytes(item: dict[str, Any]) -> int:
    """The size DynamoDB counts: names and values; a number is a byte for two digits, and one more."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "N":
        return (len(content.lstrip("-")) + 1) // 2 + 1
    return len(content) if kind == "B" else len(content.encode())


def vault(text: str = "", **policy: Any) -> Vault:
    """A wallet with such lots, in a unit with such a policy."""
    made = Vault(Policy(**policy))
    if text:
        made.grant(text)
    return made


def kinds(entries: Sequence[Entry]) -> list[EntryKind]:
    return [entry.kind for entry in entries]


def hoard(count: int, text: str = "1", **policy: Any) -> Vault:
    """A wallet with so many lots alike, as that many grants one after the other leave it; but at once."""
    made = Vault(Policy(**policy), checked=False)
    (face,) = grants(text)
    alike = [lot(text, seq) for seq in range(1, count + 1)]
    totals, head = Totals(), GENESIS
    funds: tuple[Funds, ...] = ()
    for found in alike:
        now = totals._replace(
            available=totals.available + face.amount, paid=totals.paid + (face.amount if face.cost else 0)
        )
        entry = Entry(
            id=key_entry_id(made.account, made.unit, f"hoard {found.seq}"),
            account=made.account,
            unit=made.unit,
            seq=found.seq,
            kind="grant",
            at=START,
            amount=face.amount,
            before=totals,
            after=now,
            status="active",
            draws=(),
            previous_hash=head,
            cause=made.cause("hoard"),
            extra={"lot": lot_facts(found)},
        )
        made.entries.append(entry)
        totals, head, funds = now, entry.hash(), follow(funds, entry, lambda _: None)
    size, due_at = limits.PAGE_LOTS, face.expires_at
    for start in range(limits.WINDOW_LOTS, count, size):
        key = order_key(alike[start], made.policy.lot_order)
        made.pages[key] = Page(key, tuple(alike[start : start + size]), due_at)
        if due_at is not None:
            made.dues[due_at, key] = Due(due_at, key)
    made.wallet = replace(
        made.wallet,
        version=count,
        at=START,
        recorded_at=START,
        head=head,
        totals=totals,
        window=tuple(alike[: limits.WINDOW_LOTS]),
        paged=max(0, count - limits.WINDOW_LOTS),
        due_at=due_at if made.pages else None,
        sweep_at=due_at,
        funds=funds,
        base=totals.available,
    )
    made.check()
    return made


def shaped(made: Vault, **changes: Any) -> Vault:
    """The same wallet with other attributes of its item: a status, say, that no operation here gives."""
    made.wallet = replace(made.wallet, **changes)
    return made
