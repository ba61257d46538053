"""A quote is believed after an update as before it: what is hashed and what is signed are written down here (law 3)."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any, Final

import pytest

from scrip.domain.credits import signed_texts
from scrip.domain.credits.errors import QuoteExpired, QuoteMismatch
from scrip.domain.credits.usage import Usage
from scrip.domain.wallets.counters import Counted, CountedPeriod
from scrip.domain.wallets.shares import ItemCost
from scrip.services.wallets import locks
from scrip.services.wallets.locks import LockedItem, PriceLock
from scrip.services.wallets.pricing import Priced, PricedUsage

KEY: Final = b"k" * 32
UNTIL: Final = 1_893_456_000_000
USED: Final = Usage("gpü", Fraction(5, 2), {"model": "m"})
ASKED: Final[list[tuple[dict[str, Any], str]]] = [
    (locks.asked_of([], 150), '"amount":"150"'),
    (locks.asked_of([], None, 7), '"amount":"None","hold":7'),
    (
        locks.asked_of([USED], None),
        '"items":[{"dimensions":{"model":"m"},"meter":"gpü","quantity":"5/2"}]',
    ),
    (
        locks.asked_of([USED], None, 7),
        '"hold":7,"items":[{"dimensions":{"model":"m"},"meter":"gpü","quantity":"5/2"}]',
    ),
]


@pytest.mark.parametrize(
    ("asked", "said"), ASKED, ids=["an amount", "all of a hold", "usage", "usage of a hold"]
)
def test_what_is_asked_for_is_hashed_as_it_was(asked: dict[str, Any], said: str) -> None:
    canonical = f'{{"account":"acme",{said},"operation":"burn","unit":"credits"}}'
    expected = signed_texts.text_of(hashlib.sha256(canonical.encode()).digest())
    assert locks.digest("acme", "credits", "burn", asked) == expected


def priced(*items: PricedUsage) -> Priced:
    parts = [ItemCost(number, one.usage.meter, 5 + number) for number, one in enumerate(items)]
    return Priced(sum(part.steps for part in parts), parts, items)


COUNTED: Final = Counted(CountedPeriod("gpü", 1, 9, (("model", "m"),)), Fraction(0), Fraction(5, 2))
ITEMS: Final = priced(
    PricedUsage(USED, Fraction(5), 2, COUNTED, own=True, over=("P1M", "Europe/Berlin")),
    PricedUsage(USED, Fraction(6), 3),
)


def test_a_price_is_signed_as_it_was_and_read_again_until_its_time_is_over() -> None:
    token = locks.sign(KEY, "hash", UNTIL, ITEMS)
    said = '["hash",1893456000000,[["5",2,1,["P1M","Europe/Berlin",["model"]]],["6",3,0,null]]]'
    assert signed_texts.read([KEY], "quote", token).decode() == said
    lock = PriceLock(token, lambda: [b"j" * 32, KEY])
    assert locks.read(lock, "hash", UNTIL - 1) == [
        LockedItem(5, 2, True, ("P1M", "Europe/Berlin", ["model"])),
        LockedItem(6, 3, False, None),
    ]
    with pytest.raises(QuoteExpired, match=r"^the quote's time is over: quote anew$") as over:
        locks.read(lock, "hash", UNTIL)
    assert over.value.facts == {"expired_at": UNTIL}
    with pytest.raises(
        QuoteMismatch,
        match=r"^the quote is for another request: send what was quoted, of the same account, or quote anew$",
    ):
        locks.read(lock, "another", UNTIL)
    with pytest.raises(
        QuoteMismatch, match=r"^the quote is none of ours: send it as it was given, or quote anew$"
    ):
        locks.read(PriceLock(token, lambda: [b"j" * 32]), "hash", UNTIL - 1)


def test_what_was_priced_anew_costs_what_was_quoted_and_carries_nothing_on() -> None:
    made = priced(PricedUsage(USED, Fraction(5), 2), PricedUsage(USED, Fraction(6), 3))
    made.rests = {"gpü": Fraction(1, 2)}
    locks.fix(made, [LockedItem(2, 2, False, None), LockedItem(1, 3, False, None)])
    assert ([part.steps for part in made.parts], made.steps, made.rests, made.quoted) == ([2, 1], 3, {}, True)
