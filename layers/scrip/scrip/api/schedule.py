"""Events of a schedule: when they are, and how much time there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip import runtime
from scrip.api.fields import instant


def now(event: Mapping[str, Any]) -> int:
    """The event's instant where it is in the past, or the test clock is enabled; this machine's clock otherwise."""
    clock, time = runtime.now(), event.get("time")
    if not time:
        return clock
    said = instant(time, "time")
    return said if said <= clock or runtime.settings().test_clock else clock
