"""Who holds leases: processes that spend in memory what was set aside for them, settle, and die at any point, with a
journal of what they spent or without one (law 6)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import HoldNotOpen, Refusal, WalletClosed
from scrip.domain.credits.ids import hold_id
from scrip.domain.credits.steps import format_amount
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage import leases
from scrip.services.usage.leases import SettleLease
from scrip.services.usage.pages import SentRecord
from simulation.answers import PASSING
from simulation.books import Books, LawBroken, ends_at
from simulation.hands import Died
from simulation.records import REFUSED, reference_of
from simulation.requests import ACTOR, UNITS, amount_of, meters_of
from simulation.told import Asked, Log, new_record

MOST_HOLDERS: Final = 3
"""Of one wallet."""
DIES: Final = 0.06
MOST_SPENT: Final = 6
"""Records between two settlements, mostly."""


@dataclass(slots=True)
class Holder:
    """One process and its lease.

    Attributes:
        log: what it spent, by offset, and what it was told of that.
        seq: the hold's.
        left: steps that it may spend yet, as far as it knows.
        first: the first offset that it does not know to be settled.
        end: the offset after the last.
        sure: offsets from ``first`` to here were paid for out of what it had, so none of them can be refused.
        journal: whether it knows all this when it has died.
        settling: a settlement is under way. It may spend meanwhile.
    """

    log: Log
    seq: int
    left: int
    journal: bool
    meter: str | None
    first: int = 0
    end: int = 0
    sure: int = 0
    settling: bool = False


class Holders:
    """All of them."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._holders: dict[tuple[str, str], list[Holder]] = {}

    def wanted(self, account: str, unit: str, dice: random.Random) -> dict[str, object] | None:
        """What a new lease is asked for with; None where there are enough."""
        there = self._holders.get((account, unit), ())
        if len(there) >= MOST_HOLDERS or (there and dice.random() < 0.8):
            return None
        draft = self._books.of(account, unit)
        return {
            "amount": str(dice.randint(1, 6)) if dice.random() < 0.7 else amount_of(dice, draft),
            "expires_in": dice.choice(("PT5S", "PT15M", "PT12H", "P2D", "P3D")),
            "meter": dice.choice((None, None, None, *meters_of(unit))),
            "lease": True,
        }

    def others(self) -> list[tuple[str, str]]:
        """Wallets that have leases."""
        return [wallet for wallet, holders in self._holders.items() if holders]

    def placed(self, account: str, unit: str, entry_id: str, dice: random.Random) -> None:
        """A lease was answered: a process begins to spend it."""
        row = self._books.of(account, unit).rows.get(entry_id)
        if row is None:
            return
        hold = row.entry.extra["hold"]
        log = Log(account, unit, hold_id(account, unit, hold["seq"]))
        holder = Holder(log, hold["seq"], int(hold["amount"]), dice.random() < 0.6, hold["meter"])
        self._holders.setdefault((account, unit), []).append(holder)

    def go_on(
        self, executor: Executor, account: str, unit: str, moment: Moment, dice: random.Random, step: int
    ) -> str:
        """One of a wallet's processes spends, and settles or dies. How it ended; raises ``LawBroken``."""
        holders = self._holders.get((account, unit))
        if not holders:
            return "nothing to do"
        holder = dice.choice(holders[-2:])
        if holder.end - holder.first < 3 * MOST_SPENT:
            self._spend(holder, dice)
        if holder.settling and dice.random() < 0.5:
            # By a process that was thought dead, and whose journal somebody else has.
            try:
                return self._settle(executor, holder, moment, dice, step, heard=False)
            except (HoldNotOpen, WalletClosed):
                return "over"
        if holder.settling or dice.random() < 0.15:
            return "spent"
        if dice.random() < DIES:
            return self._dies(holders, holder)
        holder.settling = True
        try:
            return self._settle(executor, holder, moment, dice, step)
        except (HoldNotOpen, WalletClosed):
            holders.remove(holder)
            return "over"
        except Died:
            self._dies(holders, holder)
            raise
        finally:
            holder.settling = False

    def close(self, account: str, unit: str) -> None:
        """The wallet has lived its life."""
        self._holders.pop((account, unit), None)

    @staticmethod
    def _dies(holders: list[Holder], holder: Holder) -> str:
        """With a journal another process goes on, which does not know what it may spend until it has settled."""
        holder.left = 0
        if holder.journal:
            return "born again"
        holders.remove(holder)
        return "lost"

    def _spend(self, holder: Holder, dice: random.Random) -> None:
        """Some records out of what it has; now and then one that it does not know the price of, or does not have."""
        log = holder.log
        draft = self._books.of(log.account, log.unit)
        precision = next(unit.precision for unit in UNITS if unit.unit == log.unit)
        for _ in range(dice.randint(0, MOST_SPENT)):
            offset, chance = holder.end, dice.random()
            if chance < 0.08:
                one = new_record(offset, dice, draft)
                if one and one.meter and holder.meter not in (None, one.meter):
                    continue
                log.made[offset] = one
                holder.end += 1
                if one is None and holder.sure == offset:
                    holder.sure += 1
                continue
            steps = min(holder.left, dice.randint(1, 3) if dice.random() < 0.9 else holder.left)
            if not steps:
                break
            amount = format_amount(steps, precision)
            log.made[offset] = SentRecord(reference_of(offset, amount), amount)
            holder.end += 1
            holder.left -= steps
            if holder.sure == offset:
                holder.sure += 1

    def _settle(
        self,
        executor: Executor,
        holder: Holder,
        moment: Moment,
        dice: random.Random,
        step: int,
        *,
        heard: bool = True,
    ) -> str:
        """Settles what is not settled yet, or somewhat more or less. ``heard``: the holder is told what came of it."""
        log, chance = holder.log, dice.random()
        first, count = holder.first, holder.end - holder.first
        if chance < 0.15:
            # It was killed, and its journal is older.
            first = max(0, first - dice.randint(1, 4))
        elif chance < 0.25:
            count = dice.randint(0, count)
        elif chance < 0.28:
            first = holder.end + dice.randint(1, 3)
        count = max(0, min(count + holder.first - first, holder.end - first)) if chance < 0.28 else count
        draft = self._books.of(log.account, log.unit)
        records = [log.made.get(offset) for offset in range(first, first + count)]
        renew = dice.choice((None, None, "0", amount_of(dice, draft), amount_of(dice, draft)))
        wanted = SettleLease(
            holder.seq, first, records, renew, dice.choice((None, None, "PT3S", "PT6H", "P2D"))
        )
        asked = Asked(self._books, log, first, count, step)
        ends = ends_at(draft.holds[holder.seq])
        request = WalletRequest(log.account, log.unit, "", ACTOR, moment)
        try:
            outcome, hold, _ = leases.settle(executor, request, wanted)
        except PASSING as refusal:
            return refusal.code
        except Refusal as refusal:
            asked.refused(refusal)
            if isinstance(refusal, HoldNotOpen):
                self._over(holder, ends, executor.now())
            if isinstance(refusal, HoldNotOpen | WalletClosed):
                raise
            return refusal.code
        except Exception as error:
            raise LawBroken(0, f"a settlement of {asked} ends in {type(error).__name__}: {error}") from error
        asked.answered(outcome)
        for offset in range(holder.first, min(holder.sure, first + count)):
            if log.told.get(offset) == REFUSED:
                raise LawBroken(6, f"{asked}: what {offset} spent was set aside, and is refused")
        if heard:
            self._heard(holder, outcome.next, hold.held if hold.status == "open" else 0)
        return "done" if outcome.made or outcome.renewed else "replayed"

    def _heard(self, holder: Holder, following: int, held: int) -> None:
        """It knows what is settled, and what it has: less what it spent since."""
        holder.first = max(holder.first, min(following, holder.end))
        precision = next(unit.precision for unit in UNITS if unit.unit == holder.log.unit)
        holder.left, holder.sure = held, holder.first
        for offset in range(holder.first, holder.end):
            one = holder.log.made[offset]
            steps = 0 if one is None else None
            if one and one.amount:
                steps = parse_amount(one.amount, precision, "amount")
            if steps is None or steps > holder.left:
                holder.left = 0
                return
            holder.left -= steps
            holder.sure = offset + 1

    def _over(self, holder: Holder, ends: int, now: int) -> None:
        """A lease was refused as over: it was, before its holder was told, or by the clock of who told it."""
        draft = self._books.of(holder.log.account, holder.log.unit)
        hold = draft.holds[holder.seq]
        if hold["status"] == "open" and max(now, draft.at) < min(ends, ends_at(hold)):
            raise LawBroken(
                6, f"{holder.log.stream} was refused as over at {now}, and ends at {ends_at(hold)}"
            )
