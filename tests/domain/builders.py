"""Values in one line: lots, moments and amounts as one would write them on paper.

``"100; 50 exp=+7d; 30 prio=0 cost=300USD; 20 from=+1d kind=refund scope=gpu,api"`` are four grants. Amounts are whole
steps of a unit without decimals, moments are counted from ``START``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from hypothesis import HealthCheck, settings

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.terms import NONE as NO_TERMS
from scrip.domain.credits.terms import Terms
from scrip.domain.wallets.grants import Grant

START: Final = 1_800_000_000_000
"""15 January 2027, 08:00 UTC: when the examples begin."""

UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

# How fast examples are made says nothing here, and much about what else the machine is doing. No example depends
# on the one before, and none is remembered: every run is the same run.
steady = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def span(text: str) -> int:
    """Milliseconds: ``7d``, ``90m``, ``1ms``."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    assert match, text
    return int(match[1]) * UNITS[match[2]]


def moment(text: str) -> int:
    """An instant: ``+7d`` is seven days after the start, ``+7d-1ms`` a millisecond before that."""
    assert text.startswith("+"), text
    at = START
    for sign, part in re.findall(r"([+-])(\w+)", text):
        at += span(part) if sign == "+" else -span(part)
    return at


def money(text: str) -> Money:
    """``300USD`` is three dollars: minor units and a currency."""
    match = re.fullmatch(r"(\d+)([A-Z]{3})", text)
    assert match, text
    return Money(int(match[1]), match[2])


def grants(text: str) -> list[Grant]:
    """The grants that the text says, in its order."""
    return [_grant(part.split()) for part in text.split(";")]


def _grant(words: list[str]) -> Grant:
    said = dict(word.split("=") for word in words[1:])
    assert said.keys() <= {"exp", "prio", "cost", "tax", "due", "from", "kind", "note", "scope"}, words
    cost = money(said["cost"]) if "cost" in said else None
    kind: Any = said.get("kind", "paid" if cost else "promotional")
    return Grant(
        amount=int(words[0]),
        kind=kind,
        priority=int(said.get("prio", 50)),
        effective_at=moment(said["from"]) if "from" in said else None,
        expires_at=moment(said["exp"]) if "exp" in said else None,
        cost=cost,
        note={"source": said["note"]} if "note" in said else None,
        terms=Terms(tuple(sorted(said["scope"].split(",")))) if "scope" in said else NO_TERMS,
        tax=int(said.get("tax", 0)),
        tax_at_redemption=said.get("due") == "redemption",
    )


def lots(text: str, first: int = 1) -> list[Lot]:
    """The lots that such grants make at the start, numbered from ``first``."""
    return [_lot(grant, seq) for seq, grant in enumerate(grants(text), first)]


def lot(text: str, seq: int = 1, **changes: Any) -> Lot:
    """One such lot, with what became of it since."""
    return lots(text, seq)[0]._replace(**changes)


def _lot(grant: Grant, seq: int) -> Lot:
    return Lot(
        seq=seq,
        kind=grant.kind,
        granted=grant.amount,
        remaining=grant.amount,
        effective_at=grant.effective_at if grant.effective_at is not None else START,
        expires_at=grant.expires_at,
        priority=grant.priority,
        cost=grant.cost,
        basis=grant.cost.amount if grant.cost else 0,
        n=grant.amount if grant.cost else 0,
        tax=grant.tax,
        tax_at_redemption=grant.tax_at_redemption,
    )


def told(draws: Iterable[Draw]) -> str:
    """Draws as text: ``30 of 1 for 90USD, 5 of 2``."""
    return ", ".join(
        f"{draw.amount} of {draw.lot}"
        + (f" for {draw.value.amount}{draw.value.currency}" if draw.value else "")
        for draw in draws
    )


def story(entries: Iterable[Entry]) -> list[str]:
    """Entries as text: ``burn -35 (30 of 1 for 90USD, 5 of 2)``."""
    return [
        f"{entry.kind} {entry.amount:+d}" + (f" ({told(entry.draws)})" if entry.draws else "")
        for entry in entries
    ]
