"""A broken run made short: steps are left out, and then faults, for as long as the same law breaks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from simulation.world import Report, Step, World

SECONDS: Final = 90.0
"""How long it is tried to make a run shorter: a run of thousands of steps takes seconds."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A run that breaks a law: what it takes to see it again."""

    seed: int
    steps: Sequence[Step]
    report: Report

    def save(self, path: Path) -> None:
        """As JSON, for ``--replay``."""
        steps = [[step.index, step.seed, step.quiet] for step in self.steps]
        path.write_text(json.dumps({"seed": self.seed, "broken": self.report.broken, "steps": steps}) + "\n")


def load(path: Path) -> tuple[int, list[Step]]:
    """Seed and steps of a saved run."""
    found = json.loads(path.read_text())
    return found["seed"], [Step(*step) for step in found["steps"]]


def replay(seed: int, steps: Sequence[Step], **options: Any) -> Report:
    """These steps again, with every line of what happens kept."""
    return World(seed, lines=True, **options).run(steps)


def shrink(
    seed: int, steps: Sequence[Step], broken: Report, seconds: float = SECONDS, **options: Any
) -> Broken:
    """The shortest run found, within the time, that breaks the same law.

    Args:
        steps: those of the whole run; what comes after the one that broke the law is left out at once, though a step
            that was kept waiting may break it when others have begun.
    """
    deadline = time.monotonic() + seconds

    def breaks(candidate: Sequence[Step]) -> Report | None:
        found = World(seed, **options).run(candidate)
        return found if found.broken and found.law == broken.law else None

    best, report = list(steps[: broken.done + 8]), broken
    best, report = _fewer(best, report, breaks, deadline)
    for at in range(len(best)):
        if time.monotonic() > deadline:
            break
        candidate = [*best[:at], replace(best[at], quiet=True), *best[at + 1 :]]
        if found := breaks(candidate):
            best, report = candidate, found
    return Broken(seed, best, replay(seed, best, **options) if best else report)


def _fewer(
    steps: list[Step],
    report: Report,
    breaks: Callable[[Sequence[Step]], Report | None],
    deadline: float,
) -> tuple[list[Step], Report]:
    """Leaves out ever smaller parts, the first ones first, as long as any can be left out."""
    size = max(1, len(steps) // 2)
    while True:
        at, left_out = 0, False
        while at < len(steps):
            if time.monotonic() > deadline:
                return steps, report
            candidate = steps[:at] + steps[at + size :]
            if candidate and (found := breaks(candidate)):
                steps, report, left_out = candidate, found, True
            else:
                at += size
        if size == 1 and not left_out:
            return steps, report
        size = max(1, size // 2)
