"""Balances: what there is, and what there was at any past instant. Nothing here writes (laws 1 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.store import ledger
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.http.contract import BALANCE, MOVED_BALANCE, invalid, refused, whole_balance

pytestmark = pytest.mark.usefixtures("in_memory")


ZERO: dict[str, Any] = {
    "total": "0",
    "available": "0",
    "held": "0",
    "frozen": "0",
    "pending": "0",
    "owed": "0",
    "by_category": {"paid": "0", "free": "0"},
    "spendable": "0",
    "overdraft_left": "0",
    "money": [],
    "next_expiry": None,
    "status": "active",
    "version": 0,
}


NOON = "2030-01-01T12:00:00.000Z"


def funds(paid: int, recognised: int, **others: int) -> dict[str, Any]:
    """What became of this money in USD: what is nowhere else is deferred (law 8)."""
    rest = {"refunded": 0, "breakage": 0, "moved": 0, "bad_debt": 0} | others
    deferred = paid + rest["bad_debt"] - recognised - rest["refunded"] - rest["breakage"] - rest["moved"]
    return {"currency": "USD", "paid": paid, "recognised": recognised, "deferred": deferred, **rest}


# Balance


def test_a_wallet_never_seen_has_zeros(scrip: Deployment, account: str) -> None:
    with scrip.unwritten():
        found = scrip.balance(account, clock=NEW_YEAR)
    assert found == {"account": account, "unit": "credits", "as_of": NEW_YEAR, **ZERO}


def test_a_balance_says_everything_that_is_documented(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "50", clock=NEW_YEAR)
    scrip.grant(account, "20", clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.grant(account, "5", clock=NEW_YEAR, effective_at=NOON)
    scrip.grant(account, "30", clock=NEW_YEAR, kind="paid", cost_basis={"amount": 1, "currency": "USD"})
    found = scrip.balance(account, clock=NEW_YEAR)
    whole_balance(found, BALANCE)
    assert found == {
        "account": account,
        "unit": "credits",
        "as_of": NEW_YEAR,
        "total": "105",
        "available": "100",
        "held": "0",
        "frozen": "0",
        "pending": "5",
        "owed": "0",
        "by_category": {"paid": "30", "free": "70"},
        "spendable": "100",
        "overdraft_left": "0",
        "money": [funds(1, 0)],
        "next_expiry": {"at": NEXT_DAY, "amount": "20"},
        "status": "active",
        "version": 4,
    }


def test_a_read_shows_what_is_due_as_if_it_were_booked_and_books_nothing(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "50", clock=NEW_YEAR)
    scrip.grant(account, "20", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "5", clock=NEW_YEAR, effective_at=NOON)
    before = scrip.wallet(account)
    with scrip.unwritten():
        found = scrip.balance(account, clock=NOON)
    assert (found["total"], found["available"], found["pending"]) == ("55", "55", "0")
    assert (found["version"], found["next_expiry"]) == (3, None)
    assert scrip.wallet(account) == before
    # A read in the future moved no time: what comes next may come before it.
    assert scrip.burn(account, "70", clock="2030-01-01T11:59:59.999Z").status == 201


def test_lots_that_expire_at_one_instant_expire_together(scrip: Deployment, account: str) -> None:
    for amount in ("1", "2", "3"):
        scrip.grant(account, amount, clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NEXT_DAY)
    assert scrip.balance(account, clock=NEW_YEAR)["next_expiry"] == {"at": NOON, "amount": "6"}


def test_the_next_expiry_may_lie_past_the_window(scrip: Deployment, account: str) -> None:
    """A low priority keeps a lot that expires first out of the sixteen that lie in the wallet item."""
    for _ in range(20):
        scrip.grant(account, "1", clock=NEW_YEAR, priority=0)
    scrip.grant(account, "7", clock=NEW_YEAR, priority=100, expires_at=NOON)
    assert scrip.balance(account, clock=NEW_YEAR)["next_expiry"] == {"at": NOON, "amount": "7"}


def history(scrip: Deployment, account: str) -> None:
    """100 at midnight, 20 more at 1:00 that expire at 3:00; burns of 10 at 2:00 and 4:00."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    scrip.grant(account, "20", clock="2030-01-01T01:00:00Z", expires_at="2030-01-01T03:00:00Z")
    scrip.burn(account, "10", clock="2030-01-01T02:00:00Z")
    scrip.burn(account, "10", clock="2030-01-01T04:00:00Z")


PAST = [
    ("2029-12-31T23:59:59.999Z", "0", 0),
    ("2030-01-01T00:00:00.000Z", "100", 1),
    ("2030-01-01T00:00:00.001Z", "100", 1),
    ("2030-01-01T00:59:59.999Z", "100", 1),
    ("2030-01-01T01:00:00.000Z", "120", 2),
    ("2030-01-01T02:00:00.000Z", "110", 3),
    ("2030-01-01T02:59:59.999Z", "110", 3),
    ("2030-01-01T03:00:00.000Z", "100", 4),
    ("2030-01-01T04:00:00.000Z", "90", 5),
    ("2030-01-01T05:00:00.000Z", "90", 5),
    ("1970-01-01T00:00:00.000Z", "0", 0),
    ("1960-01-01T00:00:00.000Z", "0", 0),
    ("0001-01-01T00:00:00.000Z", "0", 0),
]


@pytest.mark.parametrize(("at", "total", "version"), PAST)
def test_a_balance_is_as_it_was_at_a_past_instant(
    scrip: Deployment, account: str, at: str, total: str, version: int
) -> None:
    history(scrip, account)
    found = scrip.balance(account, query={"at": at}, clock=NEXT_DAY)
    assert set(found) >= MOVED_BALANCE
    assert (found["total"], found["available"], found["version"], found["as_of"]) == (
        total,
        total,
        version,
        at,
    )


def test_entries_of_one_instant_are_all_in_the_balance_at_it(scrip: Deployment, account: str) -> None:
    for _ in range(3):
        scrip.grant(account, "1", clock=NEW_YEAR)
    scrip.grant(account, "1", clock=NEXT_DAY)
    assert scrip.balance(account, query={"at": NEW_YEAR})["total"] == "3"


def test_a_balance_at_an_instant_after_the_last_entry_has_what_was_due_by_then(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    for at, total in (("2030-01-01T11:59:59.999Z", "10"), (NOON, "0")):
        assert scrip.balance(account, query={"at": at}, clock=NEXT_DAY)["total"] == total


@pytest.mark.parametrize("at", ["1960-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z"])
def test_a_wallet_never_seen_had_zeros_at_any_past_instant(scrip: Deployment, account: str, at: str) -> None:
    found = scrip.balance(account, query={"at": at})
    assert found == {"account": account, "unit": "credits", "as_of": at, **ZERO}


def test_the_future_is_not_told(scrip: Deployment, account: str) -> None:
    answer = scrip.get(
        f"/v1/accounts/{account}/balance", query={"at": "2030-01-01T00:00:00.001Z"}, clock=NEW_YEAR
    )
    invalid(answer, "at")
    invalid(scrip.get(f"/v1/accounts/{account}/balance", query={"at": "9999-12-31T23:59:59.999Z"}), "at")


def test_a_past_balance_waits_for_a_timeline_that_lags(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is eventual: what it says counts once the entries on both sides of the instant are neighbours."""
    history(scrip, account)
    answers: list[Any] = []
    whole = ledger._timeline

    def lagging(*args: Any, **kwargs: Any) -> Any:
        found = whole(*args, **kwargs)
        answers.append(found)
        # For two rounds the index does not know the burn at 2:00 yet.
        return [item for item in found if len(answers) > 4 or not item["tl"]["S"].endswith(".000000000003")]

    monkeypatch.setattr(ledger, "_timeline", lagging)
    monkeypatch.setattr(ledger, "LAG_WAIT", 0.0)
    assert scrip.balance(account, query={"at": "2030-01-01T02:30:00Z"})["total"] == "110"
    assert len(answers) > 4


def test_a_timeline_that_lags_for_ever_is_not_believed(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(scrip, account)
    whole = ledger._timeline
    monkeypatch.setattr(ledger, "LAG_WAIT", 0.0)
    monkeypatch.setattr(
        ledger,
        "_timeline",
        lambda *args, **kwargs: [
            item for item in whole(*args, **kwargs) if not item["tl"]["S"].endswith("3")
        ],
    )
    answer = scrip.get(f"/v1/accounts/{account}/balance", query={"at": "2030-01-01T02:30:00Z"})
    refused(answer, 503, "unavailable")


# Lots


def test_a_wallet_never_seen_has_no_lots_and_no_entries(scrip: Deployment, account: str) -> None:
    for query in ({}, {"status": "all"}, {"status": "open"}):
        answer = scrip.get(f"/v1/accounts/{account}/lots", query=query)
        assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})
    answer = scrip.get(f"/v1/accounts/{account}/entries")
    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None, "through_seq": 0})


# What a burn could take


def spendable(scrip: Deployment, account: str, **query: str) -> tuple[str, str]:
    found = scrip.balance(account, query=query)
    return found["spendable"], found["overdraft_left"]


def unit_with(scrip: Deployment, account: str, **policy: Any) -> str:
    """A unit of whole credits that no other test uses."""
    unit = f"u-{account}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy}).status == 201
    return unit


def test_promotional_credits_count_within_their_share(scrip: Deployment, account: str) -> None:
    """10 paid and 100 promotional ones that pay half of a burn at most: 20 can be burned, not 21 (law 2)."""
    unit = unit_with(scrip, account, promotional_share_max="0.5")
    scrip.grant(account, "100", unit=unit)
    scrip.grant(account, "10", unit=unit, kind="paid", cost_basis={"amount": 100, "currency": "USD"})
    assert scrip.balance(account, query={"unit": unit})["available"] == "110"
    assert spendable(scrip, account, unit=unit) == ("20", "0")
    assert scrip.burn(account, "21", unit=unit).status == 402
    assert scrip.burn(account, "20", unit=unit).status == 201


def test_overdraft_counts_until_it_is_used_up(scrip: Deployment, account: str) -> None:
    unit = unit_with(scrip, account, overdraft_limit="50")
    scrip.grant(account, "10", unit=unit)
    assert spendable(scrip, account, unit=unit) == ("60", "50")
    assert scrip.burn(account, "40", unit=unit).status == 201
    assert spendable(scrip, account, unit=unit) == ("20", "20")
    assert scrip.burn(account, "20", unit=unit).status == 201
    assert spendable(scrip, account, unit=unit) == ("0", "0")


def test_overdraft_and_share_count_together(scrip: Deployment, account: str) -> None:
    """Overdraft counts as paid: 10 paid, 5 of overdraft and 100 promotional at half make 30."""
    unit = unit_with(scrip, account, promotional_share_max="0.5", overdraft_limit="5")
    scrip.grant(account, "100", unit=unit)
    scrip.grant(account, "10", unit=unit, kind="paid", cost_basis={"amount": 100, "currency": "USD"})
    assert spendable(scrip, account, unit=unit) == ("30", "5")
    assert scrip.burn(account, "31", unit=unit).status == 402
    assert scrip.burn(account, "30", unit=unit).status == 201


def test_lots_with_a_scope_count_for_their_meters_alone(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", scope=["images"])
    scrip.grant(account, "5")
    assert spendable(scrip, account) == ("5", "0")
    assert spendable(scrip, account, meter="images") == ("15", "0")
    assert spendable(scrip, account, meter="video") == ("5", "0")


def test_nothing_can_be_burned_of_a_frozen_or_closed_wallet(scrip: Deployment, account: str) -> None:
    unit = unit_with(scrip, account, overdraft_limit="50")
    scrip.grant(account, "10", unit=unit)
    assert scrip.move(account, "freeze", unit=unit, reason="dispute").status == 201
    assert spendable(scrip, account, unit=unit) == ("0", "50")
    assert scrip.balance(account, query={"unit": unit})["available"] == "10"
    assert scrip.move(account, "unfreeze", unit=unit).status == 201
    assert spendable(scrip, account, unit=unit) == ("60", "50")


def test_what_a_hold_set_aside_cannot_be_burned(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    assert scrip.move(account, "holds", amount="4").status == 201
    assert spendable(scrip, account) == ("6", "0")


def test_a_meter_that_is_no_id_is_refused(scrip: Deployment, account: str) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/balance", query={"meter": "a b"}), "meter")


# What became of the money


def test_money_says_where_every_cent_is(scrip: Deployment, account: str) -> None:
    """Law 8: USD 10.00 for 100 credits, 30 burned, 20 voided, and the lot says the same."""
    made = scrip.grant(account, "100", kind="paid", cost_basis={"amount": 1000, "currency": "USD"})
    scrip.burn(account, "30")
    assert scrip.move(account, f"lots/{made.body['lot']['lot_id']}/void", amount="20").status == 201
    assert scrip.balance(account)["money"] == [funds(1000, 300, breakage=200)]
    (lot,) = scrip.lots(account)
    assert lot["money"] == funds(1000, 300, breakage=200)
    assert lot["money"]["deferred"] == 500


def test_money_is_shown_as_if_what_is_due_were_booked(scrip: Deployment, account: str) -> None:
    basis = {"amount": 1000, "currency": "USD"}
    scrip.grant(account, "100", clock=NEW_YEAR, kind="paid", cost_basis=basis, expires_at=NOON)
    assert scrip.balance(account, clock=NEW_YEAR)["money"] == [funds(1000, 0)]
    with scrip.unwritten():
        found = scrip.balance(account, clock=NOON)["money"]
    assert found == [funds(1000, 0, breakage=1000)]


def test_a_transfer_takes_its_money_along(scrip: Deployment, account: str) -> None:
    """40 of 100 credits for 10.00 go: 4.00 are the other wallet's by now."""
    unit = unit_with(scrip, account, transferable=True)
    scrip.grant(account, "100", unit=unit, kind="paid", cost_basis={"amount": 1000, "currency": "USD"})
    assert scrip.move(account, "transfers", unit=unit, amount="40", to_account=f"{account}-2").status == 201
    assert scrip.balance(account, query={"unit": unit})["money"] == [funds(1000, 0, moved=400)]
    assert scrip.balance(f"{account}-2", query={"unit": unit})["money"] == [funds(0, 0, moved=-400)]
    (lot,) = scrip.lots(f"{account}-2", unit=unit)
    assert lot["money"] == funds(400, 0)


def test_a_lot_that_cost_nothing_has_no_money(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    (lot,) = scrip.lots(account)
    assert (lot["money"], scrip.balance(account)["money"]) == (None, [])


def test_currencies_are_told_apart(scrip: Deployment, account: str) -> None:
    for currency, amount in (("USD", 1000), ("JPY", 500)):
        scrip.grant(account, "10", kind="paid", cost_basis={"amount": amount, "currency": currency})
    found = scrip.balance(account)["money"]
    assert [(one["currency"], one["paid"], one["deferred"]) for one in found] == [
        ("JPY", 500, 500),
        ("USD", 1000, 1000),
    ]
