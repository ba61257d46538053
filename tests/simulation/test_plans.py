"""What the simulator expects of allowances, worked out by hand: else it would hold Scrip against its own mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from simulation.plans import Expected, Followed
from tests.domain.giving import day

JANUARY, FEBRUARY, MARCH = day("2027-01-01"), day("2027-02-01"), day("2027-03-01")
HALF = day("2027-01-16T12:00")
"""Half of January is over."""


def plan(amount: int, **said: Any) -> Mapping[str, Any]:
    """So many steps a month, from New Year on, as plans are stored."""
    return {
        "amount": str(amount),
        "every": "P1M",
        "anchor": JANUARY,
        "zone": "UTC",
        "starts_at": JANUARY,
        "expires": "period_end",
        "rollover": None,
        "ends_at": None,
        "paused": False,
        **said,
    }


TOLD: list[tuple[str, list[tuple[int, Mapping[str, Any] | None]], list[tuple[int, int, int | None]]]] = [
    # what is told and when, and which grants follow by 1 February, the one of that instant too
    ("once", [(JANUARY, plan(100))], [(JANUARY, 100, FEBRUARY), (FEBRUARY, 100, MARCH)]),
    ("half-way", [(HALF, plan(100))], [(HALF, 50, FEBRUARY), (FEBRUARY, 100, MARCH)]),
    (
        "raised half-way",
        [(JANUARY, plan(100)), (HALF, plan(200))],
        [(JANUARY, 100, FEBRUARY), (HALF, 50, FEBRUARY), (FEBRUARY, 200, MARCH)],
    ),
    (
        "lowered and raised again",
        [(JANUARY, plan(100)), (HALF, plan(10)), (HALF + 1, plan(100))],
        [(JANUARY, 100, FEBRUARY), (FEBRUARY, 100, MARCH)],
    ),
    (
        "deleted and put again",
        [(JANUARY, plan(100)), (HALF, None), (HALF + 1, plan(100))],
        [(JANUARY, 100, FEBRUARY), (FEBRUARY, 100, MARCH)],
    ),
    ("deleted", [(JANUARY, plan(100)), (HALF, None)], [(JANUARY, 100, FEBRUARY)]),
    ("paused", [(JANUARY, plan(100)), (HALF, plan(100, paused=True))], [(JANUARY, 100, FEBRUARY)]),
    (
        "put paused, resumed half-way",
        [(JANUARY, plan(100, paused=True)), (HALF, plan(100))],
        [(HALF, 50, FEBRUARY), (FEBRUARY, 100, MARCH)],
    ),
    ("cut off half-way", [(JANUARY, plan(100, ends_at=HALF))], [(JANUARY, 50, FEBRUARY)]),
    (
        "its end moved",
        [(JANUARY, plan(100, ends_at=HALF)), (HALF, plan(100))],
        [(JANUARY, 50, FEBRUARY), (HALF, 50, FEBRUARY), (FEBRUARY, 100, MARCH)],
    ),
    (
        "weeks that wait for the month's end",
        [(JANUARY, plan(100)), (HALF, plan(28, every="P1W"))],
        # 29 January to 5 February is a week of them: four days of it are left
        [(JANUARY, 100, FEBRUARY), (FEBRUARY, 16, day("2027-02-05"))],
    ),
    (
        "half of January to catch up with",
        [(HALF, plan(100)), (HALF + 1, plan(100, catch_up=True))],
        [(HALF, 50, FEBRUARY), (JANUARY, 50, FEBRUARY), (FEBRUARY, 100, MARCH)],
    ),
    (
        "put late, from its start on",
        [(HALF, plan(100, catch_up=True))],
        [(JANUARY, 100, FEBRUARY), (FEBRUARY, 100, MARCH)],
    ),
    (
        "told twice to catch up",
        [(HALF, plan(100)), (HALF + 1, plan(100, catch_up=True)), (HALF + 2, plan(90, catch_up=True))],
        [(HALF, 50, FEBRUARY), (JANUARY, 50, FEBRUARY), (FEBRUARY, 90, MARCH)],
    ),
    (
        "without an end",
        [(JANUARY, plan(100, expires="never"))],
        [(JANUARY, 100, None), (FEBRUARY, 100, None)],
    ),
]


@pytest.mark.parametrize(("_", "told", "grants"), TOLD, ids=[row[0].replace(" ", "-") for row in TOLD])
def test_what_follows_from_what_an_allowance_is_told(
    _: str,
    told: list[tuple[int, Mapping[str, Any] | None]],
    grants: list[tuple[int, int, int | None]],
) -> None:
    """Law 3: nothing for the same time twice; law 10: a change is for the time that is left."""
    one, found = Followed(), list[Expected]()
    for at, definition in told:
        one.pass_time(at)
        if granted := one.change(definition, at):
            found.append(granted)
    one.pass_time(FEBRUARY)
    assert [(grant.at, grant.steps, grant.ends) for grant in (*found, *one.due)] == grants
