"""A run: steps in, a report or a broken law out."""

from __future__ import annotations

import gc
import hashlib
import random
import time
from bisect import bisect
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from scrip.domain.credits.errors import Refusal
from scrip.domain.finance.periods import ends, month_of
from scrip.domain.payments.promotion_shares import SHARES
from scrip.services.engine.executor import Executor, Moment
from scrip.services.verification import wallets as verifying
from scrip.services.wallets import sweep
from scrip.store import keys
from scrip.store.tables import Tables
from simulation import budgets, cards, requests
from simulation.answers import PASSING, Answers
from simulation.archivist import Archivist
from simulation.books import Books, LawBroken, WalletBook
from simulation.clock import Clock, installed
from simulation.dynamodb import Change, Dynamo
from simulation.expressions import Unmodelled
from simulation.hands import Died, Hands
from simulation.holders import Holders
from simulation.intruder import Intruder
from simulation.invoices import ENTRIES
from simulation.lists import Lists
from simulation.looking import LOOKS, Look
from simulation.market import ANSWERS, Market, Message
from simulation.notices import Announcer
from simulation.outbox import Outbox
from simulation.reporters import Reporters
from simulation.requests import MAKE, UNITS, Around, Request, expected_id
from simulation.senders import Senders
from simulation.tables import IndexDefinition, TableDefinition
from simulation.wire import Faults, Network, Turn, Wire

TABLES: Final = (
    TableDefinition(
        "wallets",
        (IndexDefinition("due", "shard", "sweep_at"),),
        {"pk": "S", "sk": "S", "shard": "S", "sweep_at": "N"},
    ),
    TableDefinition(
        "ledger", (IndexDefinition("timeline", "pk", "tl", ("kind",)),), {"pk": "S", "sk": "S", "tl": "S"}
    ),
)
"""As template.yaml has them: a test holds the two together."""
CLIENTS: Final = 8
SLOTS: Final = 24
"""Wallets that are alive at one time. When one has lived long enough it is verified, and another takes its place."""
LIVES: Final = (60, 120, 120, 240, 500)
"""Entries after which a wallet has lived long enough; each slot has its own."""
VERIFY_EVERY: Final = 100
"""Commits of a wallet between two verifications of all of it."""
SKEW_MS: Final = 1_500
"""How far a client's clock is off, at most, either way."""
NARROW: Final = (5, 11, 16)
ANNOUNCED: Final = (8, 20)
"""Slots whose wallets are of the fourth unit, and of the fifth; the others share the first three, as they did before
there were others."""
NOTICED: Final = 23
"""Of so many steps one gives notices or delivers them, whatever it was to do: by its number, as ``PLANNED``."""
SENDING: Final = 27
"""Of so many steps one sends a page of burns, whatever it was to do: by its number, as ``PLANNED``."""
BUDGETING: Final = 11
"""Of so many steps of a wallet with budgets one puts or deletes one."""
PRICING: Final = 13
"""Of so many steps of an account with prices of its own one puts or ends one."""
HOLDING: Final = 16
"""Of so many steps one is a lease's holder's."""
EDITIONS: Final = 2_000
"""Of so many steps one makes an edition of the archive: it takes as long as a hundred others."""
CLOSES: Final = 500
"""Of so many steps one closes the month that is over, if one is."""
MONTHS: Final = 1_000
"""Of so many steps one passes a month, where a run is to have many of them."""
HOUR: Final = 3_600_000
LATE_MS: Final = 10 * 24 * HOUR
"""By how much a late fact holds before the end of its month, at most."""
LATE: Final = 8
"""Of so many steps one says something of the month that is over, while a wallet has nothing yet after it."""
BESIDE_IT: Final = 5
"""Of so many steps, while somebody is at an edition, one makes another."""
NEVER: Final = 2**64
"""More than any step's number."""
BILLED: Final = "loose"
"""The unit whose credits pay invoices: it has a value."""
BILLING: Final = 17
"""Of so many steps of a wallet in it one applies credits to an invoice, or voids one: by its number, as ``PLANNED``."""
REPORTING: Final = 37
"""Of so many steps one is about events of usage: some are reported, or messages with some are taken."""
EVERY: Final = {
    "page": SENDING,
    "lease": HOLDING,
    "budget": BUDGETING,
    "card": PRICING,
    "usage": REPORTING,
    "application": BILLING,
    "edition": EDITIONS,
    "close": CLOSES,
    "month": MONTHS,
}
"""What comes by a step's number, as often as asked for."""
PLANNED: Final = 30
"""Of so many steps one changes an allowance, whatever it was to do: by its number, so that the others do the same."""
USUAL: Final = 0.6
"""How often a wallet is served by the client that it mostly is: one that remembers it, if nobody else wrote it."""
BESIDE: Final = 0.25
"""How often a step is about a wallet that somebody else is at, if there is one: kept waiting, that is."""
THAWED: Final = 0.25
"""How often a frozen wallet is unfrozen rather than asked for what it refuses."""
BATCH: Final = 6
"""Most new burns of a batch, and most that were sent before."""
MANY: Final = 10**9
"""More than a run has steps: what is one of several requests of a step has a number above it."""
VISITS: Final = 15
"""How often something is asked of a wallet yet that is to be closed, before another takes its place."""
GROWN: Final = 40
"""Entries from which on a wallet may be closed."""
LAST_LINES: Final = 60
GARBAGE: Final = (50_000, 20, 100)
"""Python's garbage collection, less often: a run keeps much and makes few cycles."""

OTHER: Final = {
    "replay": 4.0,
    "again": 7.0,
    "twin": 1.5,
    "reuse": 1.0,
    "balance": 6.0,
    "past": 1.0,
    "entries": 1.0,
    "lots": 1.0,
    "pages": 0.7,
    "explanation": 0.4,
    "sweep": 4.0,
    "order": 0.7,
    "event": 1.5,
    "deliver": 3.0,
    "batch": 3.0,
    "policy": 0.4,
    "closing": 1.0,
    "intruder": 0.2,
}
"""What happens besides first requests, and how often."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its place in the run it was made for, the number all its chance comes from, whether anything goes wrong
    in it."""

    index: int
    seed: int
    quiet: bool = False


def steps(seed: int, count: int) -> Iterable[Step]:
    """The steps of a seed, one after the other."""
    dice = random.Random(seed)
    return (Step(index, dice.getrandbits(48)) for index in range(1, count + 1))


@dataclass(slots=True)
class Client:
    """A process with a warm executor, a clock of its own, and a wire. ``busy``: a step of it is under way."""

    name: str
    wire: Wire
    executor: Executor
    skew: int = 0
    busy: bool = False


@dataclass(slots=True)
class Report:
    """What a run did. ``broken`` is the law's sentence and ``at`` its step; ``lines`` the last steps before it."""

    done: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    wallets: int = 0
    verified: int = 0
    calls: int = 0
    handovers: int = 0
    seconds: float = 0.0
    trace: str = ""
    broken: str = ""
    law: int | None = None
    at: int = 0
    lines: Sequence[str] = ()

    def add(self, other: Report) -> None:
        """Counts what another run did too."""
        for name in ("outcomes", "faults", "entries"):
            getattr(self, name).update(getattr(other, name))
        for name in ("done", "wallets", "verified", "calls", "handovers", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Slot:
    """A place for a wallet. ``visits``: how often something is asked of it yet, from when it is to be closed."""

    number: int
    account: str
    unit: str
    life: int
    under_way: int = 0
    generation: int = 1
    visits: int = VISITS


class World:
    """All clients, all wallets. One use: ``run``."""

    def __init__(
        self,
        seed: int,
        faults: Faults | None = None,
        progress: Callable[[Report], None] | None = None,
        lines: bool = False,
        often: Mapping[str, float] | None = None,
        told: bool = True,
        archived: bool = True,
        slots: int = SLOTS,
    ) -> None:
        """Builds a world in which nothing has happened.

        Args:
            often: kinds of steps that come so many times as often; 0: never, of those that come by the step's number.
                Months pass as time does, unless ``month`` is among them.
            told: whether entries are told on the bus: in three worlds of four those of burns, too.
            archived: whether there is an archive.
            slots: of so many wallets something is asked, but for what comes to others by the way.
        """
        self.clock = Clock()
        self.report = Report()
        self.books = Books(self._step_number)
        self.market = Market()
        self._now_running: Turn | None = None
        self._dice = random.Random(seed)
        self.lists = Lists()
        self.dynamo = Dynamo(TABLES, self.clock.time, self._lag, self._changed)
        self.outbox = Outbox(self.dynamo, self.clock, seed % 4 > 0 if told else None)
        self.archivist = (
            Archivist(
                self.dynamo,
                self.outbox.stream,
                self.clock,
                self.books,
                self._step_number,
                {name: (often or {}).get(name, 1) for name in ("archived", "spoilt")},
            )
            if archived
            else None
        )
        more = self.archivist.calls if self.archivist else None
        self.network = Network(self.dynamo, self.clock, faults or Faults(), self._wake, more)
        self.network.current = lambda: self._now_running
        self._intruders = Intruder(self.dynamo.tables["ledger"])
        self._quiet = self._made_executor(Wire(self.network), lambda: 0)
        self._clients = [self._client(number) for number in range(CLIENTS)]
        self._used = slots
        self._slots = [self._slot(number) for number in range(SLOTS)]
        self._answers = Answers(self.books)
        self._announcer = Announcer()
        self._senders, self._holders = Senders(self.books), Holders(self.books)
        self._reporters = Reporters(self.books)
        self._retiring: list[Slot] = []
        self._hash = hashlib.sha256()
        self._progress = progress
        self._lines: deque[str] = deque(maxlen=None if lines else LAST_LINES)
        kinds = {name: weight for name, (weight, _) in MAKE.items()} | OTHER
        kinds |= {name: kinds[name] * times for name, times in (often or {}).items() if name in kinds}
        self._every = {
            kind: max(1, int(every / times)) if (times := (often or {}).get(kind, 1)) else NEVER
            for kind, every in EVERY.items()
        }
        if not archived:
            self._every |= {"edition": NEVER, "close": NEVER}
        if "month" not in (often or {}):
            self._every["month"] = NEVER
        self._kinds, self._sums = list(kinds), list(accumulate(kinds.values()))

    # The run

    def run(self, wanted: Iterable[Step]) -> Report:
        """Every step, then the end: every wallet is verified. A law that breaks ends the run."""
        began = time.process_time()
        collected, frozen = gc.get_threshold(), gc.get_freeze_count()
        if not frozen:
            gc.collect()
            gc.freeze()
        gc.set_threshold(*GARBAGE)
        coming = iter(wanted)

        def next_step() -> Callable[[], None] | None:
            self._retire()
            step = next(coming, None)
            return (lambda: self._step(step)) if step else None

        hands = self.network.hands = Hands(next_step, CLIENTS - 2)
        with installed(self.clock, self._current_dice):
            try:
                requests.stock(self._quiet, self.clock.now)
                self.market.stock(self._quiet)
                for slot in self._slots:
                    self._open(slot)
                hands.run()
                self._end()
            except (LawBroken, Unmodelled) as broken:
                self.report.broken, self.report.law = str(broken), getattr(broken, "law", None)
                self.report.at = abs(self._now_running.number) if self._now_running else 0
            finally:
                if self.archivist:
                    self.archivist.editions.clean()
        gc.set_threshold(*collected)
        if not frozen:
            gc.unfreeze()
        report = self.report
        report.faults, report.entries = self.network.happened, self.books.kinds
        report.calls, report.handovers = self.network.calls, hands.handovers
        report.seconds = time.process_time() - began
        self._note(report.broken)
        report.trace, report.lines = self._hash.hexdigest(), list(self._lines)
        return report

    def _step_number(self) -> int:
        return self._now_running.number if self._now_running else 0

    def _current_dice(self) -> random.Random:
        return self._now_running.dice if self._now_running else self._dice

    def _lag(self) -> int:
        """An index mostly knows at once what the table knows, and sometimes a moment later."""
        turn = self._now_running
        if turn is None or turn.quiet or turn.dice.random() < 0.8:
            return 0
        return turn.dice.randint(1, 700)

    def _changed(self, changes: Sequence[Change]) -> None:
        self.outbox.wrote(changes)
        if self.archivist:
            self.archivist.wrote(changes)
        self.books.changed(changes)
        self.lists.changed(changes)

    def _read_on(self, dice: random.Random) -> None:
        """The stream's readers take their turns. Their chance is no step's, and nothing of it waits for anybody."""
        self._now_running, kept = None, self._now_running
        self.outbox.turn(dice)
        if self.archivist:
            self.archivist.reader.turn(random.Random(dice.random()))
        self._now_running = kept

    def _wake(self, turn: Turn) -> None:
        self._now_running = turn

    def _step(self, step: Step) -> None:
        dice = random.Random(step.seed)
        turn = Turn(step.index, dice, step.quiet, 0)
        self._now_running = turn
        idle = [client for client in self._clients if not client.busy]
        slot = self._slots[int(dice.random() * self._used)]
        if dice.random() < BESIDE and (others := [one for one in self._slots if one.under_way]):
            slot = dice.choice(others)
        usual = self._clients[slot.number % CLIENTS]
        client = usual if not usual.busy and dice.random() < USUAL else dice.choice(idle)
        self._time_passes(dice, client, slot)
        self.network.tick(turn)
        turn.started, turn.client = self.clock.now, client.name
        client.busy, client.wire.turn = True, turn
        said = kind = self._kinds[bisect(self._sums, dice.random() * self._sums[-1])]
        said = kind = self._instead(step, slot) or kind
        try:
            said, outcome = self._act(kind, slot, client, turn)
        except Died:
            if self.network.hands and self.network.hands.over:
                raise
            outcome = "died"
            self._born_again(client, dice)
        finally:
            client.busy = False
            client.wire.turn = None
        self._now_running = turn
        self.report.done += 1
        self.report.outcomes[f"{kind}: {outcome}"] += 1
        self._note(f"#{step.index} {client.name} {said} -> {outcome}")
        self._read_on(random.Random(step.seed + 1))
        if self._progress and not self.report.done % 1000:
            self._progress(self.report)

    def _instead(self, step: Step, slot: Slot) -> str:
        """What the step does by its number, whatever it was to do by chance; empty where that stays."""
        seed = step.seed
        if said := self._of_the_archive(seed):
            return said
        if seed % PLANNED == 0:
            return "allowance"
        if seed % NOTICED == 0:
            return "notices"
        if seed % self._every["page"] == 0:
            return "page"
        if seed % self._every["lease"] == 0:
            return "lease"
        if slot.number in budgets.BUDGETED and seed % self._every["budget"] == 0:
            return "budget"
        if slot.number in cards.OWN and seed % self._every["card"] == 0:
            return "card"
        if seed % self._every["usage"] == 0:
            return "usage"
        if slot.unit == BILLED and seed % self._every["application"] == 0:
            return "application" if seed % 3 else "invoice_void"
        return ""

    def _of_the_archive(self, seed: int) -> str:
        """What the step has to do with the archive, by its number; empty: nothing."""
        archivist = self.archivist
        if archivist is None or self._every["edition"] == NEVER:
            return ""
        beside = archivist.at_it and seed % BESIDE_IT == 0
        if archivist.is_over() and (seed % self._every["close"] == 0 or (beside and seed % 2)):
            return "close"
        if beside or seed % self._every["edition"] == 0:
            return "edition"
        if seed % self._every["month"] == 0:
            return "month"
        return "late" if seed % LATE == 0 and self._late_slots() else ""

    def _note(self, line: str) -> None:
        self._lines.append(line)
        self._hash.update(line.encode())

    def _time_passes(self, dice: random.Random, client: Client, slot: Slot) -> None:
        """Mostly little; sometimes to the very instant, on the client's clock, at which the wallet changes that the
        step is about, or a millisecond beside it."""
        chance, now = dice.random(), self.clock.now
        waiting = self.network.hands is not None and self.network.hands.waiting
        if chance < 0.75:
            self.clock.now += int(dice.random() * 60)
        elif chance < 0.9 or (waiting and dice.random() < 0.7):
            self.clock.now += dice.randint(0, 4_000)
        elif chance < 0.985:
            soon = now + requests.DAY // 2
            dues = [at - client.skew for at in self.books.of(slot.account, slot.unit).dues()]
            first = min((at for at in dues if now < at - 1 < soon), default=now)
            self.clock.now = first + (dice.choice((-1, 0, 0, 0, 1)) if first > now else 0)
        else:
            self.clock.now += dice.randint(0, requests.DAY // 2)

    # Clients and wallets

    def _made_executor(self, wire: Wire, skew: Callable[[], int]) -> Executor:
        tables: Any = Tables(wire, "wallets", "ledger")  # type: ignore[arg-type]
        return Executor(
            tables,
            pause=self.clock.sleep,
            in_time=lambda: self.network.in_time(),
            now=lambda: self.clock.now + skew(),
        )

    def _client(self, number: int) -> Client:
        wire = Wire(self.network)
        skew = self._dice.choice((0, self._dice.randint(-SKEW_MS, SKEW_MS)))
        return Client(f"c{number}", wire, self._made_executor(wire, lambda: skew), skew)

    def _born_again(self, client: Client, dice: random.Random) -> None:
        """The process has ended: another takes its place, cold, on another machine."""
        client.skew = dice.choice((0, dice.randint(-SKEW_MS, SKEW_MS)))
        client.executor = self._made_executor(client.wire, lambda skew=client.skew: skew)  # type: ignore[misc]

    def _slot(self, number: int) -> Slot:
        unit = UNITS[3] if number in NARROW else UNITS[4] if number in ANNOUNCED else UNITS[number % 3]
        return Slot(number, f"a{number}.1", unit.unit, LIVES[number % len(LIVES)])

    def _open(self, slot: Slot) -> None:
        # Nothing goes wrong with it, and nobody comes in between.
        kept, self._now_running = self._now_running, None
        requests.put_promotion(self._quiet, slot.account, slot.unit)
        self._now_running = kept

    def _moment(self, client: Client) -> Moment:
        return Moment(self.clock.now + client.skew)

    def _retire(self) -> None:
        """Wallets that have lived long enough, and that nobody is at, are closed for good."""
        if not self._retiring:
            return
        for slot in [one for one in self._retiring if not one.under_way]:
            if self.network.hands and self.network.hands.waiting:
                return
            self._retiring.remove(slot)
            self._close(slot)
            slot.generation, slot.visits = slot.generation + 1, VISITS
            slot.account = f"a{slot.number}.{slot.generation}"
            self._open(slot)

    def _end(self) -> None:
        """Every ledger is verified, and every client's view against it."""
        self._now_running = None
        self.network.arrive()
        for slot in self._slots:
            self._close(slot)
        self.outbox.end()
        if self.archivist:
            self.archivist.end(self.network)

    def _close(self, slot: Slot) -> None:
        self._now_running, kept = None, self._now_running
        self.network.arrive()

        def draft() -> WalletBook:
            return self.books.of(slot.account, slot.unit)

        self.clock.now += 60_000
        gone = self.market.close(self._quiet, slot.account, draft, self.clock.now)
        self._noticed(slot)
        self._senders.close(self._quiet, slot.account, slot.unit, self.clock.now)
        self._reporters.close(self._quiet, slot.account, slot.unit, self.clock.now)
        self._holders.close(slot.account, slot.unit)
        self._verify(draft())
        self._answers.close(slot.account, slot.unit)
        self.report.wallets += 1
        pk = keys.wallet(slot.account, slot.unit)
        if self.archivist:
            self.archivist.retires(pk)
        self.outbox.closes(slot.account, slot.unit)
        shares = [keys.promotion_share(slot.account, number) for number in range(SHARES)]
        besides = (keys.notices(slot.account, slot.unit), keys.rollup(slot.account, slot.unit))
        for name in (pk, *besides, keys.promotion(slot.account), *shares, *gone):
            self.dynamo.tables["wallets"].forget(name)
        for number in range(draft().version // ENTRIES + 1):
            self.dynamo.tables["wallets"].forget(keys.invoice(f"{slot.account}-{number}"))
        for number in range(1, 4):
            self.dynamo.tables["wallets"].forget(keys.named_source(f"{slot.account}-{number}"))
        # The wallet at a transfer's other end may yet be verified.
        moved = {id_ for id_, row in draft().rows.items() if row.entry.kind.startswith("transfer")}
        self.dynamo.tables["ledger"].forget(pk, moved)
        self.books.forget(pk)
        self._now_running = kept

    def _verify(self, draft: WalletBook) -> None:
        kept, self._now_running = self._now_running, None
        count, findings = verifying.verify(self._quiet, draft.account, draft.unit)
        if findings:
            raise LawBroken(1, f"{draft.account}/{draft.unit} is not sound: {findings[0].what}")
        if count != draft.version:
            raise LawBroken(4, f"{draft.account}/{draft.unit} has {count} entries of {draft.version}")
        self.report.verified += 1
        self._now_running = kept

    # What happens in a step

    def _act(self, kind: str, slot: Slot, client: Client, turn: Turn) -> tuple[str, str]:
        """What was done, and how it ended."""
        if kind in MAKE:
            return self._ask(self._new(kind, slot, turn), client, turn)
        if kind in ("again", "twin", "replay", "reuse"):
            return self._ask_again(kind, client, turn)
        if kind in ("order", "event", "deliver"):
            return self._trade(kind, slot, client, turn)
        if kind == "closing":
            return self._closing(slot, client, turn)
        if kind in ("edition", "close"):
            return kind, getattr(self.archivist, kind)(self.network, turn, client.name, client.skew)
        if kind == "late":
            return self._late(client, turn)
        slot.under_way += 1
        try:
            if kind in LOOKS:
                moment = self._moment(client)
                look = Look(self.books, client.executor, slot.account, slot.unit, moment, turn.dice)
                said = LOOKS[kind](look)
            else:
                said = getattr(self, f"_{kind}")(slot, client, turn)
            return f"{kind} {slot.account}", said
        except PASSING as refusal:
            return f"{kind} {slot.account}", refusal.code
        finally:
            slot.under_way -= 1
            self._look_after(slot)

    def _month(self, _slot: Slot, _client: Client, turn: Turn) -> str:
        """The month is over, or will be within the hour."""
        if not self.outbox.has_looked:
            # Nobody is asleep for a month from the first minute on.
            return "nothing to do"
        end = ends(month_of(self.clock.now))
        self.clock.now = max(self.clock.now, end + turn.dice.randint(-HOUR, 2 * HOUR))
        return "done"

    def _late_slots(self) -> list[Slot]:
        """Those of whose wallets something may be said yet that holds in a month that is over."""
        over = self.archivist.months.over(self.clock.now) if self.archivist else None
        if over is None:
            return []
        return [one for one in self._slots if self.books.of(one.account, one.unit).at < ends(over)]

    def _late(self, client: Client, turn: Turn) -> tuple[str, str]:
        """Somebody is told of credits, or of usage, of a month that is over, and may be closed."""
        slots = [one for one in self._late_slots() if one not in self._retiring]
        over = self.archivist.months.over(self.clock.now) if self.archivist else None
        if over is None or not slots:
            return "late", "nothing to do"
        slot = turn.dice.choice(slots)
        draft, end = self.books.of(slot.account, slot.unit), ends(over)
        at = turn.dice.randint(min(end - 1, max(draft.at, end - LATE_MS)), end - 1)
        kind = turn.dice.choice(("grant", "burn"))
        args = MAKE[kind][1](turn.dice, draft, Around(at, (), turn.number)) or {}
        return self._ask(_request(turn.number, kind, slot, args), client, turn, at)

    def _new(self, kind: str, slot: Slot, turn: Turn) -> Request:
        draft = self.books.of(slot.account, slot.unit)
        slot.visits -= slot.visits < VISITS
        if draft.status == "frozen" and turn.dice.random() < THAWED:
            kind = "standing"
        others = tuple(
            one.account
            for one in self._slots
            if one.unit == slot.unit and one is not slot and one not in self._retiring
        )
        around = Around(self.clock.now, others, turn.number)
        args = MAKE[kind][1](turn.dice, draft, around)
        if args is None:
            kind = "hold"
            args = MAKE[kind][1](turn.dice, draft, around) or {}
        if kind == "redemption":
            args["code"] = args["code"] or slot.account
        return _request(turn.number, kind, slot, args)

    def _ask_again(self, kind: str, client: Client, turn: Turn) -> tuple[str, str]:
        """A request that was sent before: because its answer was lost, because somebody sends it twice, or by mistake
        under the key of another."""
        request = self._answers.earlier(kind, turn.dice)
        if request is None:
            return kind, "nothing to do"
        if not {one.account for one in self._slots}.issuperset((request.account, *_others(request))):
            return kind, "too late"
        if kind != "reuse" or request.kind == "compensation":
            said, outcome = self._ask(request, client, turn)
            return f"{kind} {said}", outcome
        args = {"amount": "0.5" if request.unit == "exact" else "1", "mode": "up_to"}
        other = Request(
            turn.number, "burn", request.account, request.unit, request.key, args, request.entry_id
        )
        said, outcome = self._ask(other, client, turn)
        if outcome == "done":
            raise LawBroken(3, f"{request} was answered, and then another under its key")
        return f"reuse {said}", outcome

    def _ask(self, request: Request, client: Client, turn: Turn, at: int | None = None) -> tuple[str, str]:
        """One request of one client. ``at``: when it is to hold, if not now."""
        about = (request.account, *_others(request))
        touched = [one for one in self._slots if one.account in about]
        for one in touched:
            one.under_way += 1
        try:
            moment = self._moment(client) if at is None else Moment(at)
            return str(request), self._answers.ask(client.executor, request, moment, turn.number)
        finally:
            for one in touched:
                one.under_way -= 1
                self._look_after(one)

    def _batch(self, slot: Slot, client: Client, turn: Turn) -> str:
        """Burns at once, some of which may have been sent before, alone or in another batch."""
        dice, draft = turn.dice, self.books.of(slot.account, slot.unit)
        around = Around(self.clock.now, (), turn.number)
        burns = [
            _request(_numbered(turn, at), "burn", slot, MAKE["burn"][1](dice, draft, around) or {})
            for at in range(dice.randint(1, BATCH))
        ]
        if dice.random() < 0.4:
            burns += self._answers.burns(slot.account, dice.randint(1, BATCH))
        return self._answers.ask_together(client.executor, burns, self._moment(client), turn.number)

    def _closing(self, slot: Slot, client: Client, turn: Turn) -> tuple[str, str]:
        """A grown wallet that nobody pays for is emptied and closed for ever, if nobody fills it meanwhile."""
        draft = self.books.of(slot.account, slot.unit)
        paid = any(payment.account == slot.account for payment in self.market.payments)
        if draft.version < GROWN or slot.under_way or slot in self._retiring or paid:
            return "closing", "nothing to do"
        slot.visits -= 1  # from now on nobody orders anything for it
        wanted: list[tuple[str, Mapping[str, Any]]] = [
            ("release", {"hold": seq}) for seq, hold in draft.holds.items() if hold["status"] == "open"
        ]
        wanted += [("void", {"lot": seq, "amount": None}) for seq, told in draft.told.items() if told.left]
        for at, (kind, args) in enumerate(wanted):
            self._ask(_request(_numbered(turn, at), kind, slot, args), client, turn)
        return self._ask(_request(turn.number, "standing", slot, {"status": "closed"}), client, turn)

    def _policy(self, slot: Slot, client: Client, turn: Turn) -> str:
        """A unit, or what its meter costs, is changed while its wallets are used."""
        try:
            requests.change_terms(client.executor, slot.unit, turn.dice, self.clock.now)
        except PASSING:
            raise
        except Refusal as refusal:
            return refusal.code
        return "done"

    def _look_after(self, slot: Slot) -> None:
        draft = self.books.wallets.get(keys.wallet(slot.account, slot.unit))
        if draft is None:
            return
        if draft.commits >= VERIFY_EVERY and not slot.under_way:
            draft.commits = 0
            self._verify(draft)
        if (draft.version >= slot.life or slot.visits < 0) and slot not in self._retiring:
            self._retiring.append(slot)

    def _intruder(self, slot: Slot, _client: Client, turn: Turn) -> str:
        draft = self.books.of(slot.account, slot.unit)
        if not draft.rows:
            return "nothing to do"
        return self._intruders.comes(self._quiet.tables, draft, self.clock.now, turn.dice)

    # Sweeps

    def _sweep(self, slot: Slot, client: Client, turn: Turn) -> str:
        """A schedule that is late, or comes twice."""
        dice = turn.dice
        shards = {keys.shard(keys.wallet(one.account, one.unit)) for one in dice.sample(self._slots, 2)}
        shards.add(keys.shard(keys.wallet(slot.account, slot.unit)))
        late = dice.choice((0, 0, dice.randint(0, 120_000)))
        failures: list[str] = []

        def failed(wallet: Any, error: Exception) -> None:
            if not isinstance(error, PASSING):
                failures.append(f"the sweep of {wallet.account} ends in {type(error).__name__}: {error}")

        try:
            numbers = sorted(int(shard) for shard in shards)
            now = self.clock.now + client.skew - late
            swept = sweep.sweep(client.executor, numbers, Moment(now), self.network.in_time, failed)
        except PASSING as refusal:
            return refusal.code
        except Exception as error:
            raise LawBroken(0, f"a sweep ends in {type(error).__name__}: {error}") from error
        if failures:
            raise LawBroken(0, failures[0])
        return "booked" if swept.entries else "done"

    def _notices(self, slot: Slot, client: Client, turn: Turn) -> str:
        """A schedule gives the notices that are due; or one that was given arrives."""
        dice, moment = turn.dice, self._moment(client)
        if dice.random() < 0.5:
            return self._announcer.deliver(client.executor, moment, dice)
        slots = [slot, *(self._slots[number] for number in ANNOUNCED)]
        shards = sorted({int(keys.shard(keys.wallet(one.account, one.unit))) for one in slots})
        given, failures = self._announcer.sweep(client.executor, shards, moment, self.network.in_time, dice)
        for error in failures:
            if not isinstance(error, PASSING):
                raise LawBroken(0, f"the notices end in {type(error).__name__}: {error}") from error
        return "given" if given else "done"

    # Records

    def _page(self, slot: Slot, client: Client, turn: Turn) -> str:
        """A sender sends a page of burns."""
        moment = self._moment(client)
        return self._senders.send(client.executor, slot.account, slot.unit, moment, turn.dice, turn.number)

    def _card(self, slot: Slot, client: Client, turn: Turn) -> str:
        """An account's own rate card is put or ended while the wallet is used."""
        return self._changes(cards.change, slot, client, turn)

    def _budget(self, slot: Slot, client: Client, turn: Turn) -> str:
        """A budget is put, changed or deleted while the wallet is used."""
        return self._changes(budgets.change, slot, client, turn)

    def _changes(self, change: Callable[..., str], slot: Slot, client: Client, turn: Turn) -> str:
        """Something that burns go by is changed; what comes of it is its code where it is refused."""
        try:
            return change(client.executor, slot.account, slot.unit, self._moment(client), turn.dice)
        except PASSING:
            raise
        except Refusal as refusal:
            return refusal.code

    def _usage(self, slot: Slot, client: Client, turn: Turn) -> str:
        """Somebody reports what was used, or a consumer takes messages that say it."""
        now = self.clock.now + client.skew
        if turn.dice.random() < 0.4:
            return self._reporters.report(slot.account, slot.unit, now, turn.dice)
        return self._reporters.take(
            client.executor, slot.account, slot.unit, now, turn.dice, self.network.in_time
        )

    def _lease(self, slot: Slot, client: Client, turn: Turn) -> str:
        """A lease is asked for; or who has one spends and settles."""
        args = self._holders.wanted(slot.account, slot.unit, turn.dice)
        there = self._holders.others()
        if there and (args is None or turn.dice.random() < 0.7):
            account, unit = (slot.account, slot.unit) if args is None else turn.dice.choice(there)
            moment = self._moment(client)
            return self._holders.go_on(client.executor, account, unit, moment, turn.dice, turn.number)
        if args is None:
            return "nothing to do"
        request = _request(turn.number, "hold", slot, args)
        _, outcome = self._ask(request, client, turn)
        if outcome in ("done", "replayed"):
            self._holders.placed(slot.account, slot.unit, request.entry_id, turn.dice)
            return "placed"
        return outcome

    def _noticed(self, slot: Slot) -> None:
        """All notices that are due are given: nothing goes wrong with the last run."""
        draft, now = self.books.of(slot.account, slot.unit), self.clock.now
        if slot.unit != self._slots[ANNOUNCED[0]].unit or not draft.version:
            return
        shard, still = int(keys.shard(keys.wallet(slot.account, slot.unit))), random.Random(1)
        for _ in range(ANSWERS):
            self._announcer.sweep(self._quiet, [shard], Moment(now), lambda: True, still)
        for at, what in draft.notices.missing(draft.told):
            if at <= now < self._ends(draft, what):
                raise LawBroken(5, f"{slot.account} has a notice that was never given: {what}")
        self._announcer.forget(slot.account)

    @staticmethod
    def _ends(draft: WalletBook, what: str) -> int:
        """When the lot that a notice is of turns: from then on it has another end, or none."""
        told = draft.told[int(what.split()[1])]
        return int(told.facts["expires_at"]) - told.waits

    # Payments

    def _trade(self, kind: str, slot: Slot, client: Client, turn: Turn) -> tuple[str, str]:
        dice, message = turn.dice, None
        if kind == "event":
            mine = [payment for payment in self.market.payments if payment.account == slot.account]
            mine = mine or self.market.payments
            if not mine:
                return kind, "nothing to do"
            return f"event {self.market.happens(dice, dice.choice(mine), self.clock.now)}", "done"
        if kind == "deliver":
            message = self.market.take(dice)
            if message is None:
                return kind, "nothing to do"
            slot = next((one for one in self._slots if one.account == message.payment.account), slot)
        elif slot in self._retiring or slot.visits < VISITS:
            return kind, "too late"
        slot.under_way += 1
        said = f"deliver {message.id} {message.delivery.facts}" if message else f"order {slot.account}"
        try:
            self._pay(message, slot, client, turn)
        except PASSING as refusal:
            return said, refusal.code
        except Exception as error:
            raise LawBroken(0, f"{said} ends in {type(error).__name__}: {error}") from error
        finally:
            slot.under_way -= 1
            self._look_after(slot)
        return said, "done"

    def _pay(self, message: Message | None, slot: Slot, client: Client, turn: Turn) -> None:
        if message is None:
            self.market.order(
                client.executor, slot.account, slot.unit, f"o{turn.number}", self._moment(client)
            )
            return
        self.market.apply(client.executor, message, self._moment(client))
        self.market.done(turn.dice, message)


def _request(number: int, kind: str, slot: Slot, args: Mapping[str, Any]) -> Request:
    key = f"k{number}"
    answered = expected_id(kind, slot.account, slot.unit, key, args)
    return Request(number, kind, slot.account, slot.unit, key, args, answered)


def _numbered(turn: Turn, at: int) -> int:
    """The number of one of several requests of a step."""
    return turn.number * MANY + at


def _others(request: Request) -> tuple[str, ...]:
    """Accounts besides its own that a request is about."""
    if request.kind == "transfer":
        return (request.args["to"],)
    if request.kind == "redemption":
        return (request.args["code"],)
    return tuple(request.args.get("others", ()))


def run(seed: int, count: int, **options: Any) -> Report:
    """The run of a seed."""
    return World(seed, **options).run(steps(seed, count))
