"""Pages and settlements that one commit cannot hold, on one wallet of very many small lots: they are booked in parts,
and anything may go wrong between two of them. The laws are the books'; what was told is compared as in every run."""

from __future__ import annotations

import random
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import Refusal
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import execute
from scrip.services.verification import wallets
from scrip.services.wallets.grants import GrantCredits, LotTerms
from scrip.services.wallets.holds import PlaceHold, ReleaseHold
from scrip.store.tables import Tables
from simulation.books import Books
from simulation.clock import Clock, installed
from simulation.dynamodb import Dynamo
from simulation.hands import Died
from simulation.holders import Holders
from simulation.requests import Request, expected_id, stock, wallet_request
from simulation.senders import Senders
from simulation.wire import Faults, Network, Turn, Wire
from simulation.world import TABLES

ACCOUNT: Final = "crowded"
ALONE: Final = Faults(rate=0.05, open=0, weights=tuple(one for one in Faults().weights if one[0] != "waits"))
"""All that goes wrong with one client's own calls. Others come in between just before a transaction."""


class Crowd:
    """A wallet, two processes that change it in turns, and what goes wrong with their calls."""

    def __init__(self, unit: str, seed: int) -> None:
        self.unit, self.clock, self.dice = unit, Clock(), random.Random(seed)
        self.turn: Turn | None = None
        self.books = Books(lambda: self.turn.number if self.turn else 0)
        self.dynamo = Dynamo(TABLES, self.clock.time, changed=self.books.changed)
        self.network = Network(self.dynamo, self.clock, ALONE, self._wake)
        self.network.current = lambda: self.turn
        self.wires = [Wire(self.network) for _ in range(2)]
        for which, wire in enumerate(self.wires):
            self._let_in(which, wire)
        self.executors = [self._executor(wire) for wire in self.wires]
        self.senders, self.holders = Senders(self.books), Holders(self.books)
        self.parts, self.between = 0, 0

    def run(self, steps: int) -> None:
        """So many steps, and a look at all of it."""
        with installed(self.clock, lambda: self.turn.dice if self.turn else self.dice):
            quiet = self._executor(Wire(self.network))
            stock(quiet, self.clock.now)
            for number in range(1, steps + 1):
                self._step(number, random.Random(self.dice.getrandbits(48)), self.dice.randrange(2))
            self.turn = None
            self.network.arrive()
            self.senders.close(quiet, ACCOUNT, self.unit, self.clock.now)
            count, findings = wallets.verify(quiet, ACCOUNT, self.unit)
        assert findings == []
        assert count == self.books.of(ACCOUNT, self.unit).version

    def _let_in(self, which: int, wire: Any) -> None:
        """Just before a transaction of one process the other has a step of its own, now and then."""
        call = wire.transact_write_items

        def transact(**request: Any) -> Any:
            mine = self.turn
            if mine and mine.number > 0 and mine.number % 10**6 == mine.number and mine.dice.random() < 0.15:
                self.between += 1
                self._step(mine.number + 10**6 * self.between, random.Random(mine.dice.random()), 1 - which)
                self.turn = mine
            return call(**request)

        wire.transact_write_items = transact

    def _wake(self, turn: Turn) -> None:
        self.turn = turn

    def _executor(self, wire: Wire) -> Executor:
        tables: Any = Tables(wire, "wallets", "ledger")  # type: ignore[arg-type]
        return Executor(
            tables, pause=self.clock.sleep, in_time=self.network.in_time, now=lambda: self.clock.now
        )

    def _step(self, number: int, dice: random.Random, which: int) -> None:
        self.clock.now += dice.choice((10, 500, 20_000))
        turn = self.turn = Turn(number, dice, False, self.clock.now)
        self.network.tick(turn)
        self.wires[which].turn = turn
        before = self.books.of(ACCOUNT, self.unit).commits
        try:
            self._act(dice.random(), self.executors[which], dice, number)
        except Refusal:
            pass
        except Died:
            self.executors[which] = self._executor(self.wires[which])
        self.parts += self.books.of(ACCOUNT, self.unit).commits > before + 1

    def _act(self, chance: float, executor: Executor, dice: random.Random, number: int) -> None:
        moment, here = Moment(self.clock.now), (ACCOUNT, self.unit)
        book = self.books.of(*here)
        open_holds = [seq for seq, hold in book.holds.items() if hold["status"] == "open"]
        if len([lot for lot in book.told.values() if lot.left]) < 100:
            for one in range(40):
                terms = LotTerms(kind="promotional", priority=dice.randrange(100))
                self._asked(executor, GrantCredits("0.05", terms), "grant", number * 1000 + one)
        elif chance < 0.3:
            self.senders.send(executor, *here, moment, dice, number)
        elif chance < 0.45 and len(open_holds) < 3:
            asked = self._request("hold", number)
            lease = PlaceHold(dice.choice(("1", "3", "4")), "PT15M", lease=True)
            execute(executor, lease, wallet_request(asked, moment))
            self.holders.placed(*here, asked.entry_id, dice)
        elif chance < 0.5 and open_holds:
            self._asked(executor, ReleaseHold(dice.choice(open_holds)), "release", number)
        else:
            self.holders.go_on(executor, *here, moment, dice, number)

    def _asked(self, executor: Executor, command: Any, kind: str, number: int) -> None:
        execute(executor, command, wallet_request(self._request(kind, number), Moment(self.clock.now)))

    def _request(self, kind: str, number: int) -> Request:
        key = f"k{number}"
        return Request(
            number, kind, ACCOUNT, self.unit, key, {}, expected_id(kind, ACCOUNT, self.unit, key, {})
        )


@pytest.mark.parametrize(
    ("seed", "steps"), [(1, 100), *(pytest.param(seed, 400, marks=pytest.mark.long) for seed in range(2, 12))]
)
def test_what_one_commit_cannot_hold_is_booked_in_parts_once(seed: int, steps: int) -> None:
    """Laws 1 to 6, after every commit; some steps take several."""
    crowd = Crowd("exact", seed)
    crowd.run(steps)
    assert min(crowd.parts, crowd.between) > steps / 50
    kinds = crowd.books.kinds
    assert min(kinds["burn"], kinds["capture"], kinds["hold"], kinds["release"]) > steps / 100, kinds
