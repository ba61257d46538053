"""Stacking: which come first, promotional credits or paid ones, and how much of a burn promotional ones may pay. A
credit is paid while it has cost basis, whatever the kind of its lot says (law 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment, short
from tests.http.contract import refused

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture
def unit(scrip: Deployment, account: str) -> Iterator[str]:
    """A unit without decimals. Its wallet adds up after every test (laws 1, 4 and 8)."""
    name = f"unit-{account}"
    scrip.put(f"/v1/units/{name}", {"precision": 0})
    yield name
    scrip.sound(account, name)


def policy(scrip: Deployment, unit: str, **said: Any) -> None:
    assert scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": said}).status == 200
    scrip.cold()


def give(scrip: Deployment, account: str, unit: str, text: str) -> None:
    """``"free 10; paid 5 prio=0"``: two lots, the second with cost basis. ``kind=`` says another kind."""
    for part in text.split(";"):
        what, amount, *more = part.split()
        said = dict(word.split("=") for word in more)
        lot: dict[str, Any] = {"kind": said.get("kind", "promotional" if what == "free" else "paid")}
        if what == "paid":
            lot["cost_basis"] = {"amount": 100, "currency": "USD"}
        if "prio" in said:
            lot["priority"] = int(said["prio"])
        if "exp" in said:
            lot["expires_in"] = said["exp"]
        if "scope" in said:
            lot["scope"] = [said["scope"]]
        scrip.grant(account, amount, unit=unit, clock=NEW_YEAR, **lot)


def burn(scrip: Deployment, account: str, unit: str, amount: str, **rest: Any) -> Answer:
    return scrip.burn(account, amount, unit=unit, clock=NEW_YEAR, **rest)


def drawn(answer: Answer) -> str:
    """``"lot_1 10, lot_2 5"``"""
    assert answer.status == 201, answer.text
    return ", ".join(f"{short(draw['lot_id'])} {draw['amount']}" for draw in answer.body["entry"]["draws"])


# The lots, and what a burn of so much takes in each of the three stackings.
STACKINGS: dict[str, tuple[str, str, tuple[str, str, str]]] = {
    "the order has promotional ones first": (
        "paid 10; free 10",
        "12",
        ("lot_2 10, lot_1 2", "lot_2 10, lot_1 2", "lot_1 10, lot_2 2"),
    ),
    "priority against stacking": (
        "free 10; paid 10 prio=0",
        "12",
        ("lot_2 10, lot_1 2", "lot_1 10, lot_2 2", "lot_2 10, lot_1 2"),
    ),
    "expiry against stacking": (
        "free 10; paid 10 exp=P1D",
        "12",
        ("lot_2 10, lot_1 2", "lot_1 10, lot_2 2", "lot_2 10, lot_1 2"),
    ),
    "lots of both, one after the other": (
        "paid 5 prio=1; free 5 prio=2; paid 5 prio=3; free 5 prio=4",
        "17",
        (
            "lot_1 5, lot_2 5, lot_3 5, lot_4 2",
            "lot_2 5, lot_4 5, lot_1 5, lot_3 2",
            "lot_1 5, lot_3 5, lot_2 5, lot_4 2",
        ),
    ),
    "fewer than one of them has": (
        "paid 5 prio=1; free 5 prio=2",
        "3",
        ("lot_1 3", "lot_2 3", "lot_1 3"),
    ),
    "promotional ones alone": ("free 5; free 5 prio=0", "7", ("lot_2 5, lot_1 2",) * 3),
    "paid ones alone": ("paid 5; paid 5 prio=0", "7", ("lot_2 5, lot_1 2",) * 3),
    "a paid lot without cost basis is promotional": (
        "paid 5 prio=9; free 5 kind=paid prio=10",
        "3",
        ("lot_1 3", "lot_2 3", "lot_1 3"),
    ),
    "a refund with cost basis is paid": (
        "free 5 prio=9; paid 5 kind=refund prio=10",
        "3",
        ("lot_1 3", "lot_1 3", "lot_2 3"),
    ),
    "all there is": ("free 5; paid 5", "10", ("lot_1 5, lot_2 5", "lot_1 5, lot_2 5", "lot_2 5, lot_1 5")),
}
WAYS = ("free", "promotional_first", "paid_first")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("lots", "amount", "draws"), STACKINGS.values(), ids=STACKINGS.keys())
def test_credits_are_taken(
    scrip: Deployment,
    account: str,
    unit: str,
    lots: str,
    amount: str,
    draws: tuple[str, str, str],
    way: str,
) -> None:
    give(scrip, account, unit, lots)
    policy(scrip, unit, stacking=way)
    held = scrip.move(account, "holds", amount=amount, unit=unit, clock=NEW_YEAR)
    assert drawn(held) == draws[WAYS.index(way)], "a hold takes what a burn would"
    scrip.move(account, f"holds/{held.body['hold']['hold_id']}/release", unit=unit, clock=NEW_YEAR)
    assert drawn(burn(scrip, account, unit, amount)) == draws[WAYS.index(way)]


@pytest.mark.parametrize("way", WAYS)
def test_stacking_refuses_nothing_that_is_there(scrip: Deployment, account: str, unit: str, way: str) -> None:
    give(scrip, account, unit, "free 5; paid 5")
    policy(scrip, unit, stacking=way)
    answer = burn(scrip, account, unit, "11")
    refused(answer, 402, "insufficient_credits", required="11", available="10", unit=unit)
    assert burn(scrip, account, unit, "11", mode="up_to").body["missing"] == "1"


# The most that promotional credits pay of one burn: the lots (lot_1 promotional, lot_2 paid), the share, what is
# asked, and how much of each is taken; or what is available at most, and what is kept back.
SHARES: dict[str, tuple[str, str, str, tuple[str, str] | None, tuple[str, str] | None]] = {
    "half of an even number": ("free 100; paid 100", "0.5", "10", ("5", "5"), None),
    "half of an odd number: rounded down": ("free 100; paid 100", "0.5", "7", ("3", "4"), None),
    "half of one is none": ("free 100; paid 100", "0.5", "1", ("0", "1"), None),
    "a third": ("free 100; paid 100", "0.333333", "3", ("0", "3"), None),
    "a third of four": ("free 100; paid 100", "0.333333", "4", ("1", "3"), None),
    "nine tenths": ("free 100; paid 100", "0.9", "11", ("9", "2"), None),
    "the smallest share": ("free 100; paid 100", "0.000000000000000001", "100", ("0", "100"), None),
    "all but nothing": ("free 100; paid 100", "0.999999999999999999", "100", ("99", "1"), None),
    "fewer promotional ones than the share": ("free 2; paid 100", "0.5", "10", ("2", "8"), None),
    "as much as the paid ones allow": ("free 100; paid 5", "0.5", "10", ("5", "5"), None),
    "more than the paid ones allow": ("free 100; paid 5", "0.5", "11", None, ("10", "95")),
    "more by an odd number": ("free 100; paid 4", "0.5", "9", None, ("8", "96")),
    "three quarters": ("free 100; paid 5", "0.75", "20", ("15", "5"), None),
    "more than three quarters": ("free 100; paid 5", "0.75", "21", None, ("20", "85")),
    "no paid ones": ("free 100; paid 1", "0.5", "3", None, ("2", "99")),
    "more than there is of both": ("free 10; paid 10", "0.5", "21", None, ("20", "0")),
    "the whole share": ("free 10; paid 10", "1", "20", ("10", "10"), None),
    "the whole share, with decimals": ("free 10; paid 10", "1.000", "12", ("10", "2"), None),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("lots", "share", "amount", "taken", "most"), SHARES.values(), ids=SHARES.keys())
def test_promotional_credits_pay_their_share_at_most(
    scrip: Deployment,
    account: str,
    unit: str,
    lots: str,
    share: str,
    amount: str,
    taken: tuple[str, str] | None,
    most: tuple[str, str] | None,
    way: str,
) -> None:
    give(scrip, account, unit, lots)
    policy(scrip, unit, promotional_share_max=share, stacking=way)
    answer = burn(scrip, account, unit, amount)
    if most:
        facts = {"withheld": most[1]} if most[1] != "0" else {}
        refused(answer, 402, "insufficient_credits", required=amount, available=most[0], unit=unit, **facts)
        assert burn(scrip, account, unit, most[0]).status == 201
        return
    assert answer.status == 201, answer.text
    found = {short(draw["lot_id"]): draw["amount"] for draw in answer.body["entry"]["draws"]}
    if way == "paid_first":
        assert sum(map(int, found.values())) == int(amount)
        assert int(found.get("lot_1", 0)) <= int((taken or ("0",))[0])
    else:
        assert (found.get("lot_1", "0"), found.get("lot_2", "0")) == taken


def test_the_share_is_of_one_burn_and_not_of_many(scrip: Deployment, account: str, unit: str) -> None:
    """Two burns of 1 are two burns of which half a credit would be promotional, and no half is taken."""
    give(scrip, account, unit, "free 10; paid 10")
    policy(scrip, unit, promotional_share_max="0.5")
    assert [drawn(burn(scrip, account, unit, amount)) for amount in ("1", "1", "2")] == [
        "lot_2 1",
        "lot_2 1",
        "lot_1 1, lot_2 1",
    ]


def test_paid_credits_that_come_first_leave_promotional_ones_less(
    scrip: Deployment, account: str, unit: str
) -> None:
    """The share is the most, not the least."""
    give(scrip, account, unit, "free 100; paid 6 prio=0")
    policy(scrip, unit, promotional_share_max="0.5")
    assert drawn(burn(scrip, account, unit, "10")) == "lot_2 6, lot_1 4"


def test_up_to_takes_as_much_as_the_share_allows(scrip: Deployment, account: str, unit: str) -> None:
    """Of 100 promotional and 5 paid ones, half: ten; what is kept back is missing."""
    give(scrip, account, unit, "free 100; paid 5")
    policy(scrip, unit, promotional_share_max="0.5")
    answer = burn(scrip, account, unit, "30", mode="up_to")
    assert (answer.body["burned"], answer.body["missing"]) == ("10", "20")
    assert drawn(answer) == "lot_1 5, lot_2 5"
    answer = burn(scrip, account, unit, "30", mode="up_to")
    assert (answer.body["burned"], answer.body["missing"]) == ("0", "30")
    assert answer.balance["available"] == "95"


def test_an_overdraft_counts_as_paid(scrip: Deployment, account: str, unit: str) -> None:
    """Of 100 promotional credits and a limit of 5, half: ten, and five of them are owed."""
    give(scrip, account, unit, "free 100")
    policy(scrip, unit, promotional_share_max="0.5", overdraft_limit="5")
    answer = burn(scrip, account, unit, "11")
    refused(answer, 402, "insufficient_credits", required="11", available="0", withheld="100", unit=unit)
    answer = burn(scrip, account, unit, "10")
    assert drawn(answer) == "lot_1 5"
    assert (answer.balance["owed"], answer.balance["available"], answer.balance["total"]) == ("5", "95", "90")
    refused(burn(scrip, account, unit, "1"), 402, "insufficient_credits")


def test_an_overdraft_is_used_after_all_that_lots_may_give(
    scrip: Deployment, account: str, unit: str
) -> None:
    give(scrip, account, unit, "free 100; paid 3")
    policy(scrip, unit, promotional_share_max="0.5", overdraft_limit="5")
    answer = burn(scrip, account, unit, "10")
    assert drawn(answer) == "lot_1 5, lot_2 3"
    assert answer.balance["owed"] == "2"


def test_the_share_is_of_the_lots_that_may_pay(scrip: Deployment, account: str, unit: str) -> None:
    """Paid credits of another meter do not let more promotional ones in."""
    give(scrip, account, unit, "free 100; paid 5; paid 50 scope=gpu")
    policy(scrip, unit, promotional_share_max="0.5")
    answer = burn(scrip, account, unit, "11")
    facts = {"required": "11", "available": "10", "out_of_scope": "50", "withheld": "95", "unit": unit}
    refused(answer, 402, "insufficient_credits", **facts)
    hold = scrip.move(account, "holds", amount="100", meter="gpu", unit=unit, clock=NEW_YEAR)
    assert drawn(hold) == "lot_1 50, lot_3 50", "lower cost per credit first"
    scrip.move(account, "holds/hold_4/release", unit=unit, clock=NEW_YEAR)
    assert drawn(burn(scrip, account, unit, "10")) == "lot_1 5, lot_2 5"


@pytest.mark.parametrize(
    ("way", "draws"),
    [
        ("free", "lot_1 10, lot_2 10, lot_3 5"),
        ("promotional_first", "lot_1 10, lot_3 10, lot_2 5"),
        ("paid_first", "lot_2 10, lot_4 10, lot_1 5"),
    ],
)
def test_stacking_walks_the_lots_that_may_pay(
    scrip: Deployment, account: str, unit: str, way: str, draws: str
) -> None:
    give(
        scrip,
        account,
        unit,
        "free 10 scope=gpu prio=1; paid 10 prio=2; free 10 prio=3; paid 10 scope=gpu prio=4",
    )
    give(scrip, account, unit, "free 10 scope=api prio=0")
    policy(scrip, unit, stacking=way)
    assert drawn(scrip.move(account, "holds", amount="25", meter="gpu", unit=unit, clock=NEW_YEAR)) == draws


@pytest.mark.parametrize("share", ["0.5", "0.9"])
def test_a_share_with_decimals_counts_the_units_smallest_steps(
    scrip: Deployment, account: str, share: str
) -> None:
    """0.05 credits are five steps: of half of them, two."""
    unit = f"fine-{account}"
    body = {"precision": 2, "policy": {"promotional_share_max": share}}
    scrip.put(f"/v1/units/{unit}", body)
    give(scrip, account, unit, "free 1; paid 1")
    expected = {"0.5": "lot_1 0.02, lot_2 0.03", "0.9": "lot_1 0.04, lot_2 0.01"}[share]
    assert drawn(burn(scrip, account, unit, "0.05")) == expected
    scrip.sound(account, unit)


def test_the_share_holds_for_what_is_captured_beyond_a_hold(
    scrip: Deployment, account: str, unit: str
) -> None:
    give(scrip, account, unit, "free 100; paid 6")
    policy(scrip, unit, promotional_share_max="0.5", over_capture="burn_extra")
    assert drawn(scrip.move(account, "holds", amount="4", unit=unit, clock=NEW_YEAR)) == "lot_1 2, lot_2 2"
    answer = scrip.move(account, "holds/hold_3/capture", amount="8", unit=unit, clock=NEW_YEAR)
    assert drawn(answer) == "lot_1 2, lot_2 2, lot_1 2, lot_2 2"
    refused(burn(scrip, account, unit, "5"), 402, "insufficient_credits")


def test_a_policy_that_changes_holds_from_then_on(scrip: Deployment, account: str, unit: str) -> None:
    give(scrip, account, unit, "free 10; paid 10")
    assert drawn(burn(scrip, account, unit, "4")) == "lot_1 4"
    policy(scrip, unit, stacking="paid_first")
    assert drawn(burn(scrip, account, unit, "4")) == "lot_2 4"
