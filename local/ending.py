"""Told to end, in whatever way: what was started is stopped."""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def as_by_ctrl_c() -> None:
    """From now on each of these signals raises ``KeyboardInterrupt`` where the process is, so that its ``with`` blocks
    are left; only the first, so that nothing interrupts the leaving."""
    told = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            raise KeyboardInterrupt

    for number in SIGNALS:
        signal.signal(number, on_signal)
