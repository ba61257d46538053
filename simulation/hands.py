"""Clients that take turns: each step runs in a thread, and only one thread runs at a time, the one that has the baton.

Real threads, though the operations could also be run inside one another's calls: so two operations can be interleaved
in any way, A B A B too, and a transaction can lie open while others come. A handover costs some 10 µs and happens only
where a step is really kept waiting, so a million operations pay seconds for it.

When a step is kept waiting is decided by its own dice, when it goes on by the ticks that have passed: nothing depends
on the machine's threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class Died(BaseException):
    """The client's process ended: nothing catches it but whoever started the step."""


class Hands:
    """Runs steps to their end, some of them kept waiting in the middle.

    Args:
        next_step: gives the next step, or None where there are no more; called while a step may be waiting.
        most: steps that may wait at one time.
    """

    def __init__(self, next_step: Callable[[], Callable[[], None] | None], most: int = 6) -> None:
        self._next_step = next_step
        self._most = most
        self._tick = 0
        self._numbers = count()
        self._waiting: list[tuple[int, int, threading.Lock]] = []
        self._idle: list[threading.Lock] = []
        self._over = False
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None
        self.handovers = 0

    @property
    def waiting(self) -> int:
        """Steps that are kept waiting now."""
        return len(self._waiting)

    @property
    def over(self) -> bool:
        """Whether the run has ended: steps that die now are none of it."""
        return self._over

    def run(self) -> None:
        """All steps. Raises what any of them raised first; steps still waiting then die."""
        self._hire()
        self._ended.wait()
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def wait(self, ticks: int) -> bool:
        """Keeps the calling step waiting until so many ticks have passed. False, at once, where too many wait.

        Raises:
            Died: the run is over.
        """
        if self._over:
            raise Died
        if len(self._waiting) >= self._most:
            return False
        lock = threading.Lock()
        lock.acquire()
        heappush(self._waiting, (self._tick + ticks, next(self._numbers), lock))
        self._give_to_another()
        lock.acquire()
        if self._over:
            raise Died
        return True

    def _give_to_another(self) -> None:
        self.handovers += 1
        if self._idle:
            self._idle.pop().release()
        else:
            self._hire()

    def _hire(self) -> None:
        thread = threading.Thread(target=self._work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        mine = threading.Lock()
        mine.acquire()
        try:
            while not self._over:
                self._tick += 1
                if self._waiting and self._waiting[0][0] <= self._tick:
                    self._go_on(mine)
                    continue
                step = self._next_step()
                if step is not None:
                    step()
                elif self._waiting:
                    self._go_on(mine)
                else:
                    self._end(None)
        except Died as died:
            # That of a run that is over. In one that is not, whoever started the step has let it pass.
            self._end(died)
        except BaseException as failure:  # noqa: BLE001 - a broken law ends the run, whatever it is
            self._end(failure)

    def _go_on(self, mine: threading.Lock) -> None:
        """The step that has waited longest has the baton; this thread rests until it is needed."""
        _, _, lock = heappop(self._waiting)
        self._idle.append(mine)
        lock.release()
        mine.acquire()

    def _end(self, failure: BaseException | None) -> None:
        if self._over:
            return
        self._failure, self._over = failure, True
        for lock in (*self._idle, *(lock for _, _, lock in self._waiting)):
            lock.release()
        self._ended.set()
