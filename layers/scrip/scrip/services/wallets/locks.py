"""Prices that a quote has locked: what a quote says is signed, and believed when it comes back with the request.

A token says until when it holds, which request it is of (a hash of account, unit, operation and what is asked for), and
what each item costs in whole steps, by which version. It is signed, so nothing of it is stored and no table is read for
it. Does not own the key (the caller's), nor how a text is signed (``credits.signed_texts``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from scrip.domain.credits import signed_texts
from scrip.domain.credits.calendar import calendar_period
from scrip.domain.credits.errors import QuoteExpired, QuoteMismatch
from scrip.domain.credits.usage import Usage
from scrip.domain.wallets.counters import CountedPeriod, Counts, need
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.shares import ItemCost
from scrip.services.wallets.pricing import Priced, PricedUsage

PURPOSE: Final = "quote"
LONGEST: Final = 8192
"""Letters of a token at the most: twenty items, each with what it is counted by."""


@dataclass(frozen=True, slots=True)
class PriceLock:
    """A token that came with a request.

    Attributes:
        text: as it was sent: the request's fingerprint has it.
        signing: gives the keys that it may be signed with, the present one first.
    """

    text: str
    signing: Callable[[], Iterable[bytes]] = field(compare=False)


class LockedItem(NamedTuple):
    """What one item costs: steps, by which version, whose; and the period and dimensions that it is counted by."""

    steps: int
    version: int
    own: bool
    over: tuple[str, str, Sequence[str]] | None


def digest(account: str, unit: str, operation: str, asked: Mapping[str, Any]) -> str:
    """Returns the hash of a request: a quote is of the same."""
    said = {"account": account, "unit": unit, "operation": operation, **asked}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return signed_texts.text_of(hashlib.sha256(canonical.encode()).digest())


def asked_of(usages: Sequence[Usage], steps: int | None, hold: int | None = None) -> dict[str, Any]:
    """Returns what is asked for, as the hash has it: usage, or an amount in steps (None: all of a hold)."""
    said: dict[str, Any] = {"items": [one.to_json() for one in usages]} if usages else {"amount": str(steps)}
    return said if hold is None else {**said, "hold": hold}


def sign(key: bytes, asked: str, expires_at: int, priced: Priced) -> str:
    """Returns the token of a price, until an instant (epoch milliseconds, excluded).

    Args:
        asked: the hash of the request.
    """
    items = [
        [
            str(part.steps),
            one.version,
            int(one.own),
            [*one.over, [name for name, _ in one.counted.counter.dimensions]]
            if one.over and one.counted
            else None,
        ]
        for one, part in zip(priced.items, priced.parts, strict=True)
    ]
    said = json.dumps([asked, expires_at, items], separators=(",", ":"), ensure_ascii=False).encode()
    return signed_texts.sign(key, PURPOSE, said)


def read(lock: PriceLock, asked: str, now: int) -> list[LockedItem]:
    """Returns what each item of a request costs; an empty list for an amount.

    Raises:
        QuoteMismatch: the token is not ours, or of another request.
        QuoteExpired: its time is over.
    """
    try:
        body = signed_texts.read(lock.signing(), PURPOSE, lock.text)
    except ValueError:
        raise QuoteMismatch("the quote is none of ours: send it as it was given, or quote anew") from None
    of, expires_at, items = json.loads(body)
    if of != asked:
        raise QuoteMismatch(
            "the quote is for another request: send what was quoted, of the same account, or quote anew"
        )
    if now >= expires_at:
        raise QuoteExpired("the quote's time is over: quote anew", expired_at=expires_at)
    return [
        LockedItem(int(steps), version, bool(own), (over[0], over[1], over[2]) if over else None)
        for steps, version, own, over in items
    ]


def price(draft: Draft, usages: Sequence[Usage], items: Sequence[LockedItem], at: int) -> Priced:
    """Returns usage as it was quoted. What it is counted by is looked at as of its use, and moves its price no more."""
    counters = [_counter(usage, item, at) for usage, item in zip(usages, items, strict=True)]
    if any(counters):
        need(draft, [one for one in counters if one])
    counts, made = Counts(draft), Priced(0, quoted=True)
    priced: list[PricedUsage] = []
    for number, (usage, item, counter) in enumerate(zip(usages, items, counters, strict=True)):
        counted = counts.add(counter, usage.quantity) if counter else None
        over = item.over[:2] if item.over else None
        exact = Fraction(item.steps)
        priced.append(PricedUsage(usage, exact, item.version, counted, item.own, over))
        made.parts.append(ItemCost(number, usage.meter, item.steps))
        made.steps += item.steps
    made.items = priced
    return made


def fix(made: Priced, items: Sequence[LockedItem]) -> None:
    """Makes usage that was priced anew cost what was quoted; no fraction of it is carried on."""
    made.parts = [part._replace(steps=item.steps) for part, item in zip(made.parts, items, strict=True)]
    made.steps, made.rests, made.quoted = sum(item.steps for item in items), {}, True


def _counter(usage: Usage, item: LockedItem, at: int) -> CountedPeriod | None:
    if not item.over:
        return None
    every, zone, names = item.over
    start, end = calendar_period(every, zone, at)
    dimensions = tuple(sorted((name, usage.dimensions[name]) for name in names))
    return CountedPeriod(usage.meter, start, end, dimensions)
