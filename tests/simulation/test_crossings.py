"""What the simulator holds told alerts against: the version in force when an entry was committed, and either of two
where one was on its way to the table."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip.domain.credits.entries import GENESIS, Entry, EntryKind, Totals
from simulation.books import LawBroken
from simulation.crossings import Crossings

UNIT = "credits"


class Story:
    """A wallet whose credits come and go, in steps of a tenth."""

    def __init__(self, *alerts: int) -> None:
        self.crossings = Crossings({UNIT: 1})
        self._versions: list[tuple[int, dict[str, Any]]] = []
        self._seq = self._available = 0
        self.put(0, *alerts)

    def put(self, since: int, *alerts: int) -> None:
        self._versions.append((since, {"low_balance": alerts}))
        self.crossings.put(UNIT, json.dumps({"versions": self._versions}))

    def moves(self, at: int, available: int) -> None:
        """Commits an entry after which so much is available."""
        self._seq += 1
        kind: EntryKind = "grant" if available > self._available else "burn"
        before, after = (Totals(available=steps) for steps in (self._available, available))
        self.crossings.wrote(
            Entry(
                *(f"e{self._seq}", "a", UNIT, self._seq, kind, at, available - self._available),
                *(before, after, "active", (), GENESIS),
                recorded_at=at,
            )
        )
        self._available = available

    def told(self, what: str, seq: int, threshold: str) -> None:
        data = {"unit": UNIT, "seq": seq, "threshold": threshold, "entry_id": f"e{seq}"}
        self.crossings.heard(
            {"id": f"{what}-{seq}-{threshold}", "type": f"scrip.balance.{what}", "subject": "a", "data": data}
        )


@pytest.fixture
def fallen() -> Story:
    """A wallet that fell to 3 and to 1 by its second entry, which was told."""
    story = Story(30, 10)
    story.moves(50, 330)
    story.moves(60, 5)
    story.told("low", 2, "3")
    story.told("low", 2, "1")
    return story


def test_law_4_a_rise_that_is_not_told_breaks_it(fallen: Story) -> None:
    fallen.moves(105, 200)
    fallen.told("recovered", 3, "3")
    with pytest.raises(LawBroken, match=r"1 crossings of .* are never told"):
        fallen.crossings.end()


@pytest.mark.parametrize("told", [True, False])
def test_an_entry_while_an_alert_is_taken_away_is_told_of_by_either_version(
    fallen: Story, told: bool
) -> None:
    """The version counts since 100, and is written after the entry of 105."""
    fallen.moves(105, 200)
    fallen.put(100, 30)
    fallen.told("recovered", 3, "3")
    if told:
        fallen.told("recovered", 3, "1")
    fallen.crossings.end()


@pytest.mark.parametrize("told", [True, False])
def test_an_entry_while_an_alert_comes_is_told_of_by_either_version_and_so_is_its_rise(told: bool) -> None:
    story = Story(30)
    story.moves(50, 330)
    story.moves(105, 5)
    story.put(100, 30, 10)
    story.moves(110, 330)
    for what, seq in (("low", 2), ("recovered", 3)):
        story.told(what, seq, "3")
        if told:
            story.told(what, seq, "1")
    story.crossings.end()


def test_what_comes_after_both_is_told_by_one(fallen: Story) -> None:
    """Its rise is open, since the version came in between; the next fall and rise are not."""
    fallen.moves(105, 200)
    fallen.put(100, 30)
    fallen.told("recovered", 3, "3")
    fallen.put(200, 30, 10)
    fallen.moves(210, 5)
    fallen.moves(220, 200)
    for what, seq in (("low", 4), ("recovered", 5)):
        fallen.told(what, seq, "3")
    with pytest.raises(LawBroken, match=r"2 crossings of .* are never told"):
        fallen.crossings.end()


@pytest.mark.parametrize(("at", "since"), [(99, 100), (50, 60)])
def test_an_entry_before_a_version_is_not_told_of_by_it(at: int, since: int) -> None:
    story = Story(30)
    story.moves(40, 330)
    story.moves(at, 5)
    story.put(since, 30, 10)
    with pytest.raises(LawBroken, match=r"low 1 of .* 2 is told, and was none"):
        story.told("low", 2, "1")
