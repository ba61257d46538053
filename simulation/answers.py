"""What clients ask for and what they are told, held against the ledger (law 3)."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from typing import Final

from scrip.domain.credits.errors import Contended, KeyReused, Refusal, Throttled, Unavailable
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.services.wallets import batches
from scrip.services.wallets.batches import BatchedBurn
from simulation.books import Books, LawBroken
from simulation.requests import Request, burn_of, perform, wallet_request

PASSING: Final = (Contended, Throttled, Unavailable)
"""Refusals after which it is not known whether the request was carried out, or that say: try again."""
UNSURE: Final = 200
ANSWERED: Final = 400


class Answers:
    """Of all clients. ``unsure``: requests that were not answered yet, by number; ``answered``: the last that were."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.unsure: dict[int, Request] = {}
        self.answered: deque[Request] = deque(maxlen=ANSWERED)
        self._acknowledged: dict[str, list[tuple[str, str, bytes]]] = {}

    def earlier(self, kind: str, dice: random.Random) -> Request | None:
        """A request to send once more: the last (``twin``) or any (``again``) that was not answered, else one that
        was."""
        if kind not in ("again", "twin"):
            return self.answered[int(dice.random() * len(self.answered))] if self.answered else None
        if not self.unsure:
            return None
        numbers = list(self.unsure)
        number = numbers[-1 if kind == "twin" else int(dice.random() * len(numbers))]
        return self.unsure.pop(number) if kind == "again" else self.unsure[number]

    def burns(self, account: str, most: int) -> list[Request]:
        """The last burns of an account, answered or not."""
        every = {one.number: one for one in (*self.answered, *self.unsure.values())}
        return [one for one in every.values() if (one.account, one.kind) == (account, "burn")][-most:]

    def ask(self, executor: Executor, request: Request, moment: Moment, step: int) -> str:
        """How it ended. Raises ``LawBroken``."""
        before = self._begin(request)
        try:
            done = perform(executor, request, moment)
        except PASSING as refusal:
            return refusal.code
        except Refusal as refusal:
            return self._end(request, refusal, step, before)
        except Exception as error:
            raise LawBroken(0, f"{request} ends in {type(error).__name__}: {error}") from error
        return self._end(request, done, step, before)

    def ask_together(self, executor: Executor, burns: Sequence[Request], moment: Moment, step: int) -> str:
        """Burns of one wallet in a batch: each is answered as if it had come alone. Raises ``LawBroken``."""
        before = [self._begin(request) for request in burns]
        batch = [BatchedBurn(burn_of(one.args), wallet_request(one, moment)) for one in burns]
        account = burns[0].account
        try:
            outcomes, _balance, _unit = batches.execute_batch(executor, batch)
        except PASSING as refusal:
            return refusal.code
        except Exception as error:
            raise LawBroken(0, f"a batch of {account} ends in {type(error).__name__}: {error}") from error
        told = zip(burns, outcomes, before, strict=True)
        ends = [
            self._end(request, outcome.refusal or outcome.result, step, known)
            for request, outcome, known in told
        ]
        return "done" if "done" in ends else ends[0]

    def _begin(self, request: Request) -> bool:
        """Whether it has an entry already."""
        if request.entry_id in self._books.of(request.account, request.unit).rows:
            return True
        self.unsure[request.number] = request
        if len(self.unsure) > UNSURE:
            del self.unsure[next(iter(self.unsure))]
        return False

    def _end(self, request: Request, outcome: Result | Refusal | None, step: int, known: bool) -> str:
        """What it was told is so: an entry, a refusal, or (None) something that has no entry of its own."""
        if isinstance(outcome, Refusal):
            self._refused(request, outcome, known, step)
            self.unsure.pop(request.number, None)
            return outcome.code
        self.unsure.pop(request.number, None)
        if outcome is None:
            return "done"
        self._answer(request, outcome, step)
        if not known:
            self.answered.append(request)
        return "replayed" if outcome.replayed else "done"

    def _answer(self, request: Request, done: Result, step: int) -> None:
        """The answer is in the ledger, as it was said, and is a replay just where another attempt wrote it: one of
        another step, or one of this that was thought lost."""
        row = self._books.of(request.account, request.unit).rows.get(done.entry.id)
        if row is None:
            raise LawBroken(3, f"{request} was answered with {done.entry.id}, which the ledger does not have")
        said, stored = done.entry, row.entry
        if (said.seq, said.amount, said.after, said.at) != (
            stored.seq,
            stored.amount,
            stored.after,
            stored.at,
        ) or (done.replayed and said.hash() != row.hash):
            raise LawBroken(3, f"{request} was answered with another entry than the ledger has")
        if row.request not in (0, request.number):
            raise LawBroken(3, f"{request} was answered with the entry of request {row.request}")
        if done.replayed == (row.step == step):
            what = "as a replay of itself" if done.replayed else "as if it were new, and was there before"
            raise LawBroken(3, f"{request} was answered {what}")
        if not done.replayed:
            self._acknowledged.setdefault(request.account, []).append((str(request), done.entry.id, row.hash))

    def _refused(self, request: Request, refusal: Refusal, known: bool, step: int) -> None:
        """A refusal has left nothing, and is given to nobody whose key has its entry."""
        row = self._books.of(request.account, request.unit).rows.get(request.entry_id)
        if isinstance(refusal, KeyReused) and (row is None or row.request == request.number):
            raise LawBroken(3, f"{request} was refused, as if its key were another request's")
        if row is None or row.request != request.number:
            return
        if abs(row.step) == step:
            raise LawBroken(3, f"{request} was refused with {refusal.code}, and has an entry")
        if known:
            raise LawBroken(
                3, f"{request} was refused with {refusal.code}, though it had been carried out before"
            )

    def close(self, account: str, unit: str) -> None:
        """The account's wallet has lived its life: all that was acknowledged is in the ledger. Raises ``LawBroken``."""
        rows = self._books.of(account, unit).rows
        for request, entry_id, said in self._acknowledged.pop(account, ()):
            row = rows.get(entry_id)
            if row is None or row.hash != said:
                raise LawBroken(3, f"{request} was answered with {entry_id}, which the ledger does not have")
