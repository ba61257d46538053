"""The same key with another command is another request (law 3): each member of each command is in its fingerprint."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import Usage
from scrip.domain.payments.promotion import Promotion
from scrip.services import wallets
from scrip.services.engine.requests import Command
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.corrections import AdjustBalance, ReverseBurn, VoidLot
from scrip.services.wallets.credit_refunds import RefundAsCredit, Source
from scrip.services.wallets.expiry_changes import ChangeExpiry
from scrip.services.wallets.grants import GrantCredits, LotTerms
from scrip.services.wallets.holds import CaptureHold, ExtendHold, PlaceHold, ReleaseHold
from scrip.services.wallets.locks import PriceLock
from scrip.services.wallets.redemptions import RedeemPromotion
from scrip.services.wallets.status import SetStatus
from scrip.services.wallets.transfers import TransferCredits

UNIT = Unit("credits", 6)
TERMS = LotTerms(cost=Money(500, "EUR"), expires_in="P1D")
COMMANDS: list[Command] = [
    AdjustBalance("credit", "1", TERMS),
    BurnCredits(amount="1"),
    BurnCredits(meter="tokens", quantity=Fraction(3), dimensions={"model": "a"}),
    BurnCredits(items=(Usage("tokens", Fraction(3)), Usage("images", Fraction(1)))),
    CaptureHold(7, "1", final=True),
    CaptureHold(7, quantity=Fraction(3), dimensions={"model": "a"}),
    CaptureHold(7, items=(Usage("tokens", Fraction(3)),)),
    ChangeExpiry(7, shortens=False),
    ExtendHold(7, "PT1H"),
    GrantCredits("1", TERMS),
    PlaceHold("1", "PT1H", "refuse", "tokens"),
    PlaceHold(None, "PT1H", None, "tokens", Fraction(3), {"model": "a"}),
    PlaceHold(None, "PT1H", items=(Usage("tokens", Fraction(3)),)),
    RefundAsCredit(Source("invoice", "in_1", Money(500, "EUR")), Money(500, "EUR"), "1"),
    ReleaseHold(7),
    ReverseBurn("k.1", "1"),
    SetStatus("frozen"),
    TransferCredits("other", "1"),
    VoidLot(7, "1"),
]
OTHER: dict[str, Any] = {
    "amount": "2",
    "currency": "USD",
    "dimensions": {"model": "b"},
    "direction": "debit",
    "end_of": "month",
    "effective_at": 1_900_000_000_000,
    "entry_id": "k.2",
    "expires_at": 1_900_000_000_000,
    "expires_in": "PT2H",
    "final": False,
    "force": True,
    "id": "in_2",
    "incident": "i-2",
    "items": (Usage("tokens", Fraction(3), {"model": "b"}),),
    "kind": "paid",
    "lease": True,
    "lock": PriceLock("a quote", tuple),
    "meter": "images",
    "mode": "up_to",
    "never_expires": True,
    "offset": 7,
    "over_capture": "burn_extra",
    "mistake": True,
    "priority": 9,
    "quantity": Fraction(4),
    "scope": ("tokens",),
    "seq": 8,
    "status": "active",
    "time": 1_900_000_000_000,
    "time_zone": "Europe/Berlin",
    "to": "another",
    "type": "payment",
}
"""By the name of a member: another value of it. Of ``Money``, 501."""
PROMOTION = Promotion(
    "LAUNCH", "credits", "5", "promotional", None, None, "P30D", 100, "500", ("email",), version=1
)
SAID_BY_OTHERS: dict[str, tuple[str, ...]] = {
    "items": ("amount", "meter", "quantity", "dimensions"),
    "quantity": ("amount",),
    "amount": ("quantity", "dimensions"),
}
"""Members that say nothing where another says it already: a body with both is refused."""


def idle(command: Command, name: str) -> bool:
    """Tells whether another member of the command says what this one would."""
    if isinstance(command, BurnCredits):
        given = "items" if command.items else "quantity" if command.meter else "amount"
        return name in SAID_BY_OTHERS[given]
    if isinstance(command, PlaceHold | CaptureHold) and command.items:
        return name in ("quantity", "dimensions")
    return False


def variants(said: Any) -> Iterator[tuple[str, Any]]:
    """Yields what is said with one member changed, and that member's name, down into the members' own."""
    for field in fields(said):
        if not field.compare:
            # What the caller may do is no part of what is asked for.
            continue
        value = getattr(said, field.name)
        if is_dataclass(value):
            for name, changed in variants(value):
                yield f"{field.name}.{name}", replace(said, **{field.name: changed})
            continue
        other = 501 if isinstance(said, Money) and field.name == "amount" else OTHER[field.name]
        yield field.name, replace(said, **{field.name: other})


CASES = [
    pytest.param(command, changed, id=f"{type(command).__name__}-{name}")
    for command in COMMANDS
    for name, changed in variants(command)
    if not idle(command, name)
]


@pytest.mark.parametrize(("command", "changed"), CASES)
def test_a_command_with_one_member_changed_has_another_fingerprint(
    command: Command, changed: Command
) -> None:
    assert (command.operation, command.to_json(UNIT)) != (changed.operation, changed.to_json(UNIT))


def test_a_redemption_is_of_a_code_and_of_the_identities_that_it_was_asked_with() -> None:
    """The rest of a promotion is the catalogue's: who redeems does not say it."""
    asked = RedeemPromotion(PROMOTION, {"email": "h1"}).to_json(UNIT)

    assert asked != RedeemPromotion(replace(PROMOTION, code="AUTUMN"), {"email": "h1"}).to_json(UNIT)
    assert asked != RedeemPromotion(PROMOTION, {"email": "h2"}).to_json(UNIT)


def test_every_command_is_here() -> None:
    for module in pkgutil.iter_modules(wallets.__path__):
        importlib.import_module(f"{wallets.__name__}.{module.name}")

    assert {type(command) for command in COMMANDS} | {RedeemPromotion} == set(_commands(Command))


def _commands(base: type[Any]) -> Iterator[type[Any]]:
    for each in base.__subclasses__():
        # A dataclass with slots is made twice: only the second is in its module.
        if (
            each.__module__.startswith(f"{wallets.__name__}.")
            and getattr(importlib.import_module(each.__module__), each.__name__) is each
        ):
            yield each
        yield from _commands(each)


TERMS_SAID = {
    "kind": "promotional",
    "priority": 50,
    "effective_at": None,
    "expires_at": None,
    "expires_in": "P1D",
    "cost": [500, "EUR"],
    "scope": [],
}
TOKENS = {"meter": "tokens", "quantity": "3", "dimensions": {}}
IMAGES = {"meter": "images", "quantity": "1", "dimensions": {}}
PINNED: list[tuple[str, dict[str, Any]]] = [
    ("adjustment", {"direction": "credit", "amount": "1000000", **TERMS_SAID}),
    ("burn", {"amount": "1000000", "mode": "exact"}),
    ("burn", {"meter": "tokens", "quantity": "3", "dimensions": {"model": "a"}, "mode": "exact"}),
    ("burn", {"items": [TOKENS, IMAGES], "mode": "exact"}),
    ("capture", {"hold": 7, "amount": "1000000", "final": True}),
    (
        "capture",
        {"hold": 7, "amount": None, "final": True, "quantity": "3", "dimensions": {"model": "a"}},
    ),
    ("capture", {"hold": 7, "amount": None, "final": True, "items": [TOKENS]}),
    ("expiry_change", {"lot": 7, "expires_at": None, "expires_in": None, "force": False}),
    ("extend", {"hold": 7, "expires_in": "PT1H"}),
    ("grant", {"amount": "1000000", **TERMS_SAID}),
    ("hold", {"amount": "1000000", "expires_in": "PT1H", "over_capture": "refuse", "meter": "tokens"}),
    (
        "hold",
        {
            "amount": None,
            "expires_in": "PT1H",
            "over_capture": None,
            "meter": "tokens",
            "quantity": "3",
            "dimensions": {"model": "a"},
        },
    ),
    (
        "hold",
        {"amount": None, "expires_in": "PT1H", "over_capture": None, "meter": None, "items": [TOKENS]},
    ),
    (
        "refund",
        {"amount": "1000000", "source": ["invoice", "in_1"], "value": [500, "EUR"], "paid": [500, "EUR"]},
    ),
    ("release", {"hold": 7}),
    ("reversal", {"burn": "k.1", "amount": "1000000"}),
    ("frozen", {}),
    ("transfer", {"amount": "1000000", "to": "other"}),
    ("void", {"lot": 7, "amount": "1000000"}),
]


@pytest.mark.parametrize(
    ("command", "pinned"),
    list(zip(COMMANDS, PINNED, strict=True)),
    ids=[operation for operation, _ in PINNED],
)
def test_what_a_fingerprint_is_made_of_stays_word_for_word(
    command: Command, pinned: tuple[str, dict[str, Any]]
) -> None:
    """A request that is tried again over a deployment has the fingerprint that is stored with its entry."""
    assert (command.operation, command.to_json(UNIT)) == pinned


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (LotTerms(scope=("tokens", "images")), {"scope": ["images", "tokens"], "cost": None}),
        (LotTerms(time_zone="Europe/Berlin"), {"time_zone": "Europe/Berlin"}),
        (LotTerms(end_of="month"), {"end_of": "month"}),
        (LotTerms(never_expires=True), {"never_expires": True}),
        (LotTerms(effective_at=7, expires_at=9), {"effective_at": 7, "expires_at": 9}),
    ],
    ids=["scope", "time zone", "end of", "for ever", "instants"],
)
def test_a_member_of_a_grants_terms_has_its_name_in_the_fingerprint(
    terms: LotTerms, said: dict[str, Any]
) -> None:
    found = GrantCredits("1", terms, incident="i-1").to_json(UNIT)
    assert {name: found.get(name) for name in said} == said
    assert found["incident"] == "i-1"


def test_a_redemptions_fingerprint_stays_word_for_word() -> None:
    asked = RedeemPromotion(PROMOTION, {"email": "h1"})
    assert (asked.operation, asked.to_json(UNIT)) == (
        "redemption",
        {"code": "LAUNCH", "identities": {"email": "h1"}},
    )
