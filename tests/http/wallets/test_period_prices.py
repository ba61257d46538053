"""Prices over a period of the calendar: tiers go on from what an account has used in it before, whatever the order in
which that is told, and whatever is undone, held, or booked many at a time (laws 7 and 10)."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.services.engine.executor import Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets.burns import BurnCredits
from tests.aws import NEW_YEAR, Answer, Deployment
from tests.http.contract import invalid, refused
from tests.http.wallets.test_usage import Wallet, each, spent

pytestmark = pytest.mark.usefixtures("in_memory")

MONTH: Final = "2030-02-01T00:00:00.000Z"
HOUR: Final = "2030-01-01T01:00:00.000Z"
PRICES: Final = Path("docs/prices.md").read_text()


def over(*tiers: tuple[int | str | None, str], model: str = "graduated", **more: Any) -> dict[str, Any]:
    listed = [{"up_to": up_to, "credits": credits} for up_to, credits in tiers]
    return {"model": model, "over": "P1M", "tiers": listed, **more}


FREE: Final = over((5, "0"), (None, "2"))
"""Five of a month are free; each one more costs 2."""


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def counted(answer: Answer) -> list[tuple[str, str]]:
    """What was used before, and what was added, of each count."""
    usage = answer.body["entry"]["usage"]
    listed = usage if isinstance(usage, list) else [usage]
    return [(one["before"], one["quantity"]) for each in listed for one in each.get("counted", [])]


def path(wallet: Wallet, what: str) -> str:
    return f"/v1/accounts/{wallet.account}/{what}"


def late(wallet: Wallet, meter: str, quantity: str, told: str, used: str) -> str:
    """An event that is told long after. Returns what it costs, in credits."""
    command = BurnCredits(meter=meter, quantity=Fraction(quantity), time=at(used))
    moment = Moment(at(told), pinned=True)
    request = WalletRequest(wallet.account, wallet.unit, f"{told} {used}", "tests", moment)
    result, unit = execute(runtime.executor(), command, request)
    return str(Fraction(-result.entry.amount, 10**unit.precision))


def test_a_month_of_tiered_usage_costs_what_the_worked_table_says(scrip: Deployment, account: str) -> None:
    """The table is that of docs/prices.md, row by row: late events, a change of the card, a month's end in a zone."""
    wallet = Wallet(scrip, account, precision=2)
    berlin = {"time_zone": "Europe/Berlin"}
    meter = wallet.price("tiles", over((100, "0"), (1000, "0.5"), (None, "0.25"), **berlin))
    changed = over((100, "0"), (1000, "0.4"), (None, "0.2"), **berlin)
    wallet.price("tiles", changed, effective_at="2030-01-15T12:00:00Z")
    wallet.give("1000")
    rows = re.findall(r"^\| [^|]+ \| (20\S+) \| (\S*) ?\| (-?\d+) \| (\d+) \| (-?[\d.]+) \|$", PRICES, re.M)
    assert len(rows) == 9
    ids: list[str] = []
    for told, used, quantity, before, credits in rows:
        if quantity.startswith("-"):
            answer = wallet.ask(f"burns/{ids[2]}/reversal", told)
            cost = "-" + str(answer.body["entry"]["amount"])
        elif used:
            cost = late(wallet, meter, quantity, told, used)
            answer = scrip.get(path(wallet, "entries"), query={"unit": wallet.unit, "limit": "1"}, clock=told)
            entry = answer.body["items"][0]
            assert (
                entry["usage"]["time"]
                == datetime.fromisoformat(used).isoformat(timespec="milliseconds")[:-6] + "Z"
            )
            assert [one["before"] for one in entry["usage"]["counted"]] == [before]
        else:
            answer = wallet.ask("burns", told, meter=meter, quantity=quantity)
            assert counted(answer) == [(before, quantity)], told
            cost = str(answer.body["burned"])
            ids.append(answer.body["entry"]["entry_id"])
        assert Fraction(cost) == Fraction(credits), told
    wallet.sound()


# Quantities one after the other, and what each costs.
SEQUENCES: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
    "a free quantity": (FREE, [3, 3, 1], ["0", "2", "2"]),
    "at the very end of it": (FREE, [5, 1], ["0", "2"]),
    "across several tiers": (over((2, "1"), (4, "2"), (None, "3")), [3, 3], ["4", "8"]),
    "between whole numbers": (over(("0.5", "0"), ("1.5", "2"), (None, "4")), ["0.25", "0.5", 1], ["0", "0.5", "2.5"]),
    "volume: with this event": (over((5, "2"), (None, "1"), model="volume"), [5, 1, 4], ["10", "1", "4"]),
    "volume: nothing is priced anew": (over((5, "1"), (None, "2"), model="volume"), [3, 3], ["3", "6"]),
    "one tier without end": (over((None, "2")), [1, 2], ["2", "4"]),
}  # fmt: skip


@pytest.mark.parametrize(("price", "quantities", "costs"), SEQUENCES.values(), ids=SEQUENCES.keys())
@pytest.mark.parametrize("how", ["burns", "items", "batch", "page", "captures", "holds", "lease"])
def test_events_of_a_month_cost(
    scrip: Deployment, account: str, how: str, price: dict[str, Any], quantities: list[Any], costs: list[str]
) -> None:
    """However they are sent, and each is quoted what it then costs."""
    wallet = Wallet(scrip, account, precision=2)
    meter = wallet.price("calls", price)
    wallet.give("100")
    usages = [{"meter": meter, "quantity": quantity} for quantity in quantities]
    found: list[str] = []
    if how == "burns":
        for usage in usages:
            assert wallet.ask("quotes", **usage).body["amount"] == costs[len(found)]
            found.append(wallet.ask("burns", **usage).body["burned"])
    elif how == "items":
        quoted = wallet.ask("quotes", items=usages).body["usage"]
        entry = wallet.ask("burns", items=usages).body["entry"]
        assert quoted == entry["usage"]
        found = [one["amount"] for one in entry["usage"]]
    elif how == "batch":
        burns = [{"key": str(number), **usage} for number, usage in enumerate(usages)]
        answer = scrip.post(
            path(wallet, "burns/batch"),
            {"burns": [{"unit": wallet.unit, **one} for one in burns]},
            clock=NEW_YEAR,
        )
        found = [one["entry"]["amount"].removeprefix("-") for one in answer.body["items"]]
    elif how == "page":
        records = [[meter, str(quantity), f"r{number}"] for number, quantity in enumerate(quantities)]
        body = {"unit": wallet.unit, "stream": "s", "first": 0, "records": records}
        answer = scrip.post(path(wallet, "burns/pages"), body, clock=NEW_YEAR)
        listing = path(wallet, f"entries/{answer.body['entry']['entry_id']}/records")
        listed = scrip.get(listing, query={"unit": wallet.unit}, clock=NEW_YEAR).body["items"]
        found = [one["amount"] for one in listed]
    elif how == "captures":
        hold = wallet.hold(meter=meter, amount="60")
        for usage in usages:
            answer = wallet.capture(hold, quantity=usage["quantity"], final=False)
            found.append(answer.body["entry"]["amount"].removeprefix("-"))
    elif how == "lease":
        lease = wallet.hold(meter=meter, amount="60", lease=True)
        for number, usage in enumerate(usages):
            records = [[meter, str(usage["quantity"]), "r"]]
            answer = wallet.ask(f"holds/{lease}/settle", first=number, records=records)
            found.append(answer.body["entry"]["amount"].removeprefix("-"))
    else:
        for usage in usages:
            hold = wallet.hold(**usage)
            answer = wallet.capture(hold, quantity=usage["quantity"])
            assert answer.body["hold"]["amount"] == costs[len(found)]
            found.append(answer.body["entry"]["amount"].removeprefix("-"))
    assert found == costs
    wallet.sound()
    last = wallet.ask("burns", HOUR, meter=meter, quantity="1")
    assert Fraction(counted(last)[0][0]) == sum(Fraction(str(one)) for one in quantities)
    wallet.sound()


def test_periods_begin_anew_by_the_clocks_of_their_zone(scrip: Deployment, account: str) -> None:
    """January in Los Angeles ends eight hours after it does in UTC."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", over((5, "0"), (None, "2"), time_zone="America/Los_Angeles"))
    wallet.give("100")
    costs = [
        spent(wallet.ask("burns", clock, meter=meter, quantity=4))
        for clock in ("2030-01-31T23:00:00Z", "2030-02-01T07:59:59.999Z", "2030-02-01T08:00:00Z")
    ]
    assert costs == [0, 6, 0]
    wallet.sound()


EVERY: dict[str, tuple[str, str, str]] = {
    "a day": ("P1D", "2030-01-01T23:59:59.999Z", "2030-01-02T00:00:00Z"),
    "a week, from Monday": ("P1W", "2030-01-06T23:59:59.999Z", "2030-01-07T00:00:00Z"),
    "a quarter": ("P3M", "2030-03-31T23:59:59.999Z", "2030-04-01T00:00:00Z"),
    "a year": ("P1Y", "2030-12-31T23:59:59.999Z", "2031-01-01T00:00:00Z"),
}


@pytest.mark.parametrize(("every", "last", "first"), EVERY.values(), ids=EVERY.keys())
def test_a_period_of_the_calendar_is(
    scrip: Deployment, account: str, every: str, last: str, first: str
) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", {**FREE, "over": every})
    wallet.give("100")
    costs = [spent(wallet.ask("burns", clock, meter=meter, quantity=5)) for clock in (NEW_YEAR, last, first)]
    assert costs == [0, 10, 0]
    wallet.sound()


def test_each_price_of_a_table_counts_what_its_own_dimensions_used(scrip: Deployment, account: str) -> None:
    """Of `big` three are free, of `small` five, and `odd` has no period."""
    wallet = Wallet(scrip, account)
    prices = {"big": over((3, "0"), (None, "4")), "small": FREE, "odd": each("1")}
    meter = wallet.price("calls", {"model": "table", "by": ["model"], "prices": prices})
    wallet.give("100")

    def use(model: str, quantity: int) -> Answer:
        return wallet.ask(
            "burns", meter=meter, quantity=quantity, dimensions={"model": model, "region": "eu"}
        )

    assert [spent(use(*one)) for one in (("big", 3), ("small", 4), ("big", 1), ("small", 2), ("odd", 1))] == [
        0,
        0,
        4,
        2,
        1,
    ]
    assert counted(use("odd", 1)) == []
    answer = use("big", 2)
    assert answer.body["entry"]["usage"]["counted"] == [
        {
            "from": NEW_YEAR.replace("Z", ".000Z") if "." not in NEW_YEAR else NEW_YEAR,
            "to": MONTH,
            "dimensions": {"model": "big"},
            "before": "4",
            "quantity": "2",
        }
    ]
    items = [
        {"meter": meter, "quantity": 1, "dimensions": {"model": one}}
        for one in ("big", "small", "odd", "big")
    ]
    assert counted(wallet.ask("burns", items=items)) == [("6", "1"), ("6", "1"), ("7", "1")]
    wallet.sound()


def test_accounts_count_for_themselves(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    other = f"{account}-2"
    for one in (account, other):
        scrip.grant(one, "100", unit=wallet.unit, clock=NEW_YEAR)
        answer = scrip.move(one, "burns", unit=wallet.unit, meter=meter, quantity=5, clock=NEW_YEAR)
        assert answer.body["burned"] == "0"


def test_a_refused_burn_counts_nothing_and_a_partial_one_all_of_its_quantity(
    scrip: Deployment, account: str
) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("3")
    refused(wallet.ask("burns", meter=meter, quantity=10), 402, "insufficient_credits")
    assert counted(wallet.ask("burns", meter=meter, quantity=5)) == [("0", "5")]
    partly = wallet.ask("burns", meter=meter, quantity=10, mode="up_to")
    assert (partly.body["burned"], partly.body["missing"], counted(partly)) == ("3", "17", [("5", "10")])
    wallet.sound()


def test_a_replay_counts_once(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("100")
    said = {"meter": meter, "quantity": 5, "unit": wallet.unit, "clock": NEW_YEAR}
    first, again = (scrip.move(account, "burns", "the key", **said) for _ in range(2))
    assert first.text == again.text
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 2


def test_a_reversal_takes_the_quantity_off_and_prices_nothing_anew(scrip: Deployment, account: str) -> None:
    """5 are free, 3 more cost 6; the 5 are taken off: the next 2 are free, and then each costs 2."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("100")
    free, paid = (wallet.ask("burns", meter=meter, quantity=quantity) for quantity in (5, 3))
    back = wallet.ask(f"burns/{free.body['entry']['entry_id']}/reversal")
    assert (back.status, back.body["entry"]["amount"]) == (201, "0")
    refused(wallet.ask(f"burns/{free.body['entry']['entry_id']}/reversal"), 409, "already_reversed")
    assert [spent(wallet.ask("burns", meter=meter, quantity=quantity)) for quantity in (2, 1)] == [0, 2]
    wallet.sound()
    # A third of what it cost is a third of the quantity, and the rest is the rest.
    named = paid.body["entry"]["entry_id"]
    assert wallet.ask(f"burns/{named}/reversal", amount="2").status == 201
    assert counted(wallet.ask("burns", meter=meter, quantity=1)) == [("5", "1")]
    assert wallet.ask(f"burns/{named}/reversal").status == 201
    assert counted(wallet.ask("burns", meter=meter, quantity=1)) == [("4", "1")]
    wallet.sound()


def test_a_reversal_after_the_periods_end_is_of_that_period(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("100")
    burned = wallet.ask("burns", meter=meter, quantity=6)
    february = "2030-02-03T00:00:00Z"
    assert spent(wallet.ask("burns", february, meter=meter, quantity=4)) == 0
    assert wallet.ask(f"burns/{burned.body['entry']['entry_id']}/reversal", february).status == 201
    assert counted(wallet.ask("burns", february, meter=meter, quantity=1)) == [("4", "1")]
    assert late(wallet, meter, "5", february, HOUR) == "0"
    wallet.sound()


def test_records_of_a_page_are_reversed_one_by_one(scrip: Deployment, account: str) -> None:
    """5 are free: the first record costs nothing, and is undone all the same; the second cost 4 for 2 beyond."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("5")
    records = [[meter, "4", "free"], [meter, "3", "paid"], [meter, "3", "too much"], ["1", "an amount"]]
    body = {"unit": wallet.unit, "stream": "s", "first": 0, "records": records}
    answer = scrip.post(path(wallet, "burns/pages"), body, clock=NEW_YEAR)
    assert [one["status"] for one in answer.body["records"]] == ["burned", "burned", "refused", "burned"]
    named = answer.body["entry"]["entry_id"]
    wallet.sound()
    for offset, left in ((0, "3"), (1, "0")):
        assert wallet.ask(f"burns/{named}/reversal", offset=offset).status == 201
        wallet.sound()
        assert wallet.ask("quotes", meter=meter, quantity=1).body["usage"]["counted"][0]["before"] == left
    refused(wallet.ask(f"burns/{named}/reversal", offset=0), 409, "already_reversed")
    assert wallet.ask(f"burns/{named}/reversal").status == 201
    wallet.sound()


def test_the_rest_of_a_page_is_reversed_with_what_it_counted(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("50")
    records = [[meter, "4", "free"], [meter, "3", "paid"]]
    body = {"unit": wallet.unit, "stream": "s", "first": 0, "records": records}
    answer = scrip.post(path(wallet, "burns/pages"), body, clock=NEW_YEAR)
    assert wallet.ask(f"burns/{answer.body['entry']['entry_id']}/reversal").status == 201
    assert counted(wallet.ask("burns", meter=meter, quantity=1)) == [("0", "1")]
    wallet.sound()


def test_a_hold_is_captured_at_the_prices_and_in_the_period_of_when_it_was_placed(
    scrip: Deployment, account: str
) -> None:
    """Placed in the last hour of January: 5 are free, and 1 costs 2; February is untouched by its capture."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("100")
    hold = wallet.ask("holds", "2030-01-31T23:50:00Z", meter=meter, quantity=6, expires_in="P1D")
    assert hold.body["hold"]["amount"] == "2"
    done = wallet.ask(f"holds/{hold.body['hold']['hold_id']}/capture", "2030-02-01T00:10:00Z", quantity=6)
    assert (spent(done), counted(done)) == (2, [("0", "6")])
    assert spent(wallet.ask("burns", "2030-02-01T00:10:00Z", meter=meter, quantity=5)) == 0
    wallet.sound()


def test_a_capture_goes_on_from_what_others_used_since(scrip: Deployment, account: str) -> None:
    """Held for 5, all free; 5 were used since, so a capture of 5 costs 10 that nobody holds."""
    wallet = Wallet(scrip, account, over_capture="burn_extra")
    meter = wallet.price("calls", FREE)
    wallet.give("100")
    kept = wallet.hold(meter=meter, quantity=5, over_capture="refuse")
    hold = wallet.hold(meter=meter, quantity=5)
    assert spent(wallet.ask("burns", meter=meter, quantity=5)) == 0
    refused(
        wallet.capture(kept, quantity=5),
        422,
        "policy_violation",
        policy="over_capture",
        held="0",
        unit=wallet.unit,
    )
    assert spent(wallet.capture(hold, quantity=5)) == 10
    wallet.sound()


def test_a_minimum_is_of_a_free_quantity_too(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE, minimum="1")
    wallet.give("100")
    assert [spent(wallet.ask("burns", meter=meter, quantity=one)) for one in (5, 1)] == [1, 2]
    hold = wallet.hold(meter=meter, amount="20")
    assert [spent(wallet.capture(hold, quantity=one, final=False)) for one in ("0.25", "0.25", 1)] == [
        1,
        0,
        2,
    ]
    wallet.sound()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an hour": ({**FREE, "over": "PT1H"}, "price.over"),
    "no period": ({**FREE, "over": ""}, "price.over"),
    "a number": ({**FREE, "over": 30}, "price.over"),
    "a zone alone": ({"model": "volume", "tiers": FREE["tiers"], "time_zone": "UTC"}, "price.time_zone"),
    "no such zone": ({**FREE, "time_zone": "Mars/Base"}, "price.time_zone"),
    "not of tiers": ({**each("1"), "over": "P1M"}, "price.over"),
    "two periods in one card": (
        {"model": "table", "by": ["m"], "prices": {"a": FREE, "b": {**FREE, "over": "P1D"}}},
        "price",
    ),
    "too many counts": (
        {"model": "table", "by": ["m"], "prices": {f"m{number}": FREE for number in range(101)}},
        "price",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("price", "field"), WRONG.values(), ids=WRONG.keys())
def test_a_card_is_refused_for(scrip: Deployment, account: str, price: dict[str, Any], field: str) -> None:
    invalid(scrip.put(f"/v1/rates/m-{account}", {"price": price}, clock=NEW_YEAR), field)


def test_a_card_shows_its_period_and_the_same_again_is_no_version(scrip: Deployment, account: str) -> None:
    """A bound that is written as a text is the number it says."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", over(("5.0", "0"), ("7.50", "1"), (None, "2")))
    shown = scrip.get(f"/v1/rates/{meter}").body["price"]
    assert shown == {**over((5, "0"), ("7.5", "1"), (None, "2")), "time_zone": "UTC"}
    wallet.price("calls", over((5, "0"), ("7.5", "1"), (None, "2"), time_zone="UTC"))
    assert scrip.get(f"/v1/rates/{meter}").body["version"] == 1


def test_a_batch_of_many_meters_is_cut_into_commits_by_what_they_write(
    scrip: Deployment, account: str
) -> None:
    """Each of five burns counts 16 meters, of which each leaves a fraction: two records for each of them. 64 more burns
    are of one of them. One commit has 100 items."""
    wallet = Wallet(scrip, account)
    wallet.give("10000")
    meters = [wallet.price(f"m{number}", over((5, "0"), (None, "0.33"))) for number in range(64)]
    said: list[dict[str, Any]] = [
        {"items": [{"meter": one, "quantity": 7} for one in (*meters[n * 12 :], *meters)[:16]]}
        for n in range(5)
    ]
    said += [{"meter": meter, "quantity": 6} for meter in meters]
    burns = [{"key": str(number), "unit": wallet.unit, **one} for number, one in enumerate(said)]
    for _ in range(2):
        answer = scrip.post(path(wallet, "burns/batch"), {"burns": burns}, clock=NEW_YEAR)
        assert (answer.status, {one["status"] for one in answer.body["items"]}) == (200, {201}), answer.text
    assert [one["replayed"] for one in answer.body["items"]] == [True] * 69
    wallet.sound()


def test_a_holds_entry_counts_nothing_and_its_capture_what_was_used(scrip: Deployment, account: str) -> None:
    """Ten are free in a month: of 15 held 12 are captured. What entries say adds up to 12, and not to 27."""
    at, meter = "2030-01-05T00:00:00Z", f"{account}-m"
    tiers = [{"up_to": 10, "credits": "0"}, {"up_to": None, "credits": "1"}]
    price = {"price": {"model": "graduated", "over": "P1M", "tiers": tiers}}
    assert scrip.put(f"/v1/rates/{meter}", price, clock="2029-12-01T00:00:00Z").status == 201
    scrip.grant(account, "100", clock=at)
    held = scrip.move(account, "holds", meter=meter, quantity=15, clock=at).body
    assert "counted" not in held["entry"]["usage"]
    path = f"holds/{held['hold']['hold_id']}/capture"
    done = scrip.move(account, path, quantity=12, clock=at).body
    assert [one["quantity"] for one in done["entry"]["usage"]["counted"]] == ["12"]
