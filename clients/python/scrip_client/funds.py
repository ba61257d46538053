"""What a lease has, and until when."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from scrip_client import models
from scrip_client.amounts import parse


@dataclass(slots=True)
class Funds:
    """Credits that can be spent in memory, in the smallest parts of a credit. Instants are those of the clock that only
    goes forward.

    Attributes:
        renew: what they are filled up to.
        left: what can be spent.
        low: below which they are filled up: another part of ``renew`` each time, so that many who began together come
            apart.
        is_short: whether they could not be filled up when they last were.
        lasts: seconds from a request that moves the deadline to the deadline.
        deadline: from when on nothing is spent.
        half: from when on the deadline is to be moved, at random about the half of its time.
    """

    renew: int
    left: int = 0
    low: int = 0
    is_short: bool = False
    lasts: float = 0.0
    deadline: float = 0.0
    half: float = 0.0

    def spend(self, cost: int) -> bool:
        """Spends so much, if it is there and the deadline is not."""
        if cost > self.left or time.monotonic() >= self.deadline:
            return False
        self.left -= cost
        return True

    def are_low(self) -> bool:
        """Tells whether they are to be filled up."""
        return self.left < self.low

    def are_old(self) -> bool:
        """Tells whether the deadline is to be moved."""
        return time.monotonic() >= self.half

    def count(self, hold: models.Hold, unsettled: int) -> None:
        """Takes note of what Scrip holds, less what was spent since it was asked."""
        self.left = max(0, parse(hold.left or "0") - unsettled)
        self.low = int(self.renew * random.uniform(0.3, 0.6))

    def extend(self, began: float) -> None:
        """Takes note of the deadline: it is so long after Scrip decided, which is not before the request was sent."""
        self.deadline = began + self.lasts
        self.half = began + self.lasts * random.uniform(0.4, 0.6)
