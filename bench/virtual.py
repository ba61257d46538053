"""An event loop in virtual time, and functions whose waits are the loop's: clients and what serves them in one run.

Clients are tasks of the loop, as they are in a process of one's own. A function is blocking code: it runs in a thread
of its own while the loop stands still, and gives its turn back whenever it waits by the clock. So exactly one of them
all runs at a time, and time passes only where all wait.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Clock:
    """Virtual seconds, for code that runs by ``serve``: what ``bench.model.Clock`` is for writers alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self._local = threading.local()

    def sleep(self, seconds: float) -> None:
        """Lets the others run until then."""
        turn: Turn = self._local.turn
        turn.wait(seconds)

    async def serve(self, act: Callable[[], Result]) -> Result:
        """Runs blocking code; the others run while it sleeps. It goes on though nobody waits for it any more."""
        return await asyncio.shield(asyncio.ensure_future(self._serve(act)))

    async def _serve(self, act: Callable[[], Result]) -> Result:
        turn, found, failed = Turn(), list[Result](), list[BaseException]()

        def run() -> None:
            self._local.turn = turn
            turn.taken.acquire()
            try:
                found.append(act())
            except BaseException as error:  # noqa: BLE001 - it is raised where the code is waited for
                failed.append(error)
            turn.asked = None
            turn.given.release()

        threading.Thread(target=run, daemon=True).start()
        while (seconds := turn.next()) is not None:
            await asyncio.sleep(seconds)
        if failed:
            raise failed[0]
        return found[0]

    def run(self, main: Coroutine[Any, Any, Result]) -> Result:
        """Runs a coroutine to its end, in virtual time from now on."""
        with asyncio.Runner(loop_factory=lambda: Loop(self)) as runner:
            return runner.run(main)


class Turn:
    """Whose turn it is: the loop's, or that of one thread."""

    def __init__(self) -> None:
        self.taken, self.given = threading.Semaphore(0), threading.Semaphore(0)
        self.asked: float | None = None

    def wait(self, seconds: float) -> None:
        """Gives the turn back until so many seconds are over."""
        self.asked = seconds
        self.given.release()
        self.taken.acquire()

    def next(self) -> float | None:
        """Gives the thread its turn; how long it then sleeps, or None where it has ended."""
        self.taken.release()
        self.given.acquire()
        return self.asked


class Selector(selectors.SelectSelector):
    """Waits for nothing: time passes at once."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            if timeout is None:
                raise RuntimeError("all wait, and nothing will happen any more")
            self._clock.now += max(0.0, timeout)
        return found


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        super().__init__(Selector(clock))
        self._virtual = clock

    def time(self) -> float:
        return self._virtual.now
