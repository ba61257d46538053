"""How often one change of a wallet is attempted, and how long it pauses in between. Does not own what is attempted."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

ATTEMPTS: Final = 14
"""How often a commit is tried before the caller hears 409 ``contended``: with full jitter, sixteen writers of one
wallet all get through."""
FIRST_PAUSE, LONGEST_PAUSE = 0.010, 0.400
"""Seconds: the range of the pause doubles from the one to the other."""
PATIENCE: Final = 2.5
"""Seconds of all pauses of one decision together. Who is refused hears it while somebody still waits for it, and well
within the function's time."""


class Attempts:
    """The attempts at one change: ``failed`` counts those that failed.

    Pauses grow, with full jitter, and all of them together last no longer than ``PATIENCE``.
    """

    def __init__(self, pause: Callable[[float], None]) -> None:
        self.failed = 0
        self._pause, self._left = pause, PATIENCE

    @property
    def exhausted(self) -> bool:
        """Returns whether as many attempts failed as there may be."""
        return self.failed >= ATTEMPTS

    def pause(self) -> None:
        """Waits before the next attempt."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.failed)
        seconds = min(self._left, random.uniform(0, longest))
        self._left -= seconds
        self._pause(seconds)
