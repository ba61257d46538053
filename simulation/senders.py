"""Who sends pages of burns: several streams of a wallet, each read by processes that repeat, overlap, go on from where
they last knew that they were, and leave holes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from scrip.domain.credits.errors import Refusal
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage import burn_pages
from simulation.answers import PASSING
from simulation.books import Books, LawBroken
from simulation.requests import ACTOR
from simulation.told import Asked, Log

STREAMS: Final = ("a", "b", "orders:0/€")
MOST: Final = 9
"""Records of a page, mostly; at times there are as many more as ``MANY`` says."""
MANY: Final = 40
LAST: Final = 300
"""Offsets that are asked for once more at the end of a wallet's life, at most."""


@dataclass(slots=True)
class Sender:
    """Who reads one stream. ``known``: where it was told to go on, each time; ``unheard``: the page that was not
    answered, with whether it gives up what is before it."""

    log: Log
    known: list[int] = field(default_factory=lambda: [0])
    unheard: tuple[int, int, bool] | None = None


class Senders:
    """All of them."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._senders: dict[tuple[str, str, str], Sender] = {}

    def send(
        self, executor: Executor, account: str, unit: str, moment: Moment, dice: random.Random, step: int
    ) -> str:
        """Sends a page. How it ended; raises ``LawBroken``."""
        stream = dice.choice(STREAMS)
        name = account, unit, stream
        sender = self._senders.setdefault(name, Sender(Log(account, unit, stream)))
        first, count, skips = _wanted(sender, dice)
        sender.unheard = first, count, skips
        return self._ask(executor, sender, (first, count, skips), moment, dice, step)

    def close(self, executor: Executor, account: str, unit: str, now: int) -> None:
        """The wallet has lived its life: all that was ever told of its streams is told once more."""
        still = random.Random(1)
        for stream in STREAMS:
            sender = self._senders.pop((account, unit, stream), None)
            there = self._books.of(account, unit).streams.next_of(stream)
            if sender and there:
                page = 0, min(there, LAST), False
                if (said := self._ask(executor, sender, page, Moment(now), still, 0)) != "replayed":
                    raise LawBroken(3, f"{account}/{unit} {stream} ends, and what is known is {said}")

    def _ask(
        self,
        executor: Executor,
        sender: Sender,
        page: tuple[int, int, bool],
        moment: Moment,
        dice: random.Random,
        step: int,
    ) -> str:
        log, (first, count, skips) = sender.log, page
        draft = self._books.of(log.account, log.unit)
        records = log.records(range(first, first + count), dice, draft)
        asked = Asked(self._books, log, first, count, step)
        request = WalletRequest(log.account, log.unit, "", ACTOR, moment)
        try:
            outcome, _ = burn_pages.burn(executor, request, log.stream, first, records, skips=skips)
        except PASSING as refusal:
            return refusal.code
        except Refusal as refusal:
            asked.refused(refusal)
            sender.unheard = None
            if "next" in refusal.facts:
                sender.known.append(refusal.facts["next"])
            return refusal.code
        except Exception as error:
            raise LawBroken(0, f"a page of {asked} ends in {type(error).__name__}: {error}") from error
        asked.answered(outcome)
        sender.unheard = None
        sender.known.append(outcome.next)
        return "done" if outcome.made else "replayed"


def _wanted(sender: Sender, dice: random.Random) -> tuple[int, int, bool]:
    """Which offsets are sent: from where on, how many, and whether those before are given up."""
    chance, there = dice.random(), max(sender.known)
    count = dice.randint(1, MOST) if dice.random() < 0.9 else dice.randint(MOST, MANY)
    if chance < 0.3 and sender.unheard:
        first, before, skips = sender.unheard
        # Somebody else goes on with it, who may have more by then, or not so much.
        return first, dice.choice((before, before, count)), skips
    if chance < 0.6:
        return there, count, False
    if chance < 0.75:
        return max(0, there - dice.randint(1, count + 3)), count, False
    if chance < 0.87:
        # A process that was killed goes on from what it last wrote down.
        return dice.choice(sender.known[-6:]), count, False
    return there + dice.randint(1, 3), count, chance > 0.92
