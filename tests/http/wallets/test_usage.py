"""Holds and captures by quantity, and burns, holds and captures of several items.

What is counted together costs what it would cost at once, by the prices of when the hold was placed (laws 2, 6, 10).
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aws import NEW_YEAR, Answer, Deployment, lot_of
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")

HOUR = "2030-01-01T01:00:00.000Z"
TIERS = {"model": "graduated", "tiers": [{"up_to": 5, "credits": "0"}, {"up_to": None, "credits": "2"}]}
"""Five are free; each one more costs 2."""


def each(credits: str) -> dict[str, Any]:
    return {"model": "per_unit", "credits": credits}


class Wallet:
    """A wallet of a unit of its own, with meters of its own."""

    def __init__(self, scrip: Deployment, account: str, precision: int = 0, **policy: Any) -> None:
        self.scrip, self.account, self.unit = scrip, account, f"u-{account}"
        assert scrip.put(f"/v1/units/{self.unit}", {"precision": precision, "policy": policy}).status == 201

    def price(self, meter: str, price: dict[str, Any], clock: str | None = NEW_YEAR, **more: Any) -> str:
        """Puts the meter's card. Returns its name."""
        name = f"{meter}-{self.account}"
        body = {"unit": self.unit, "price": price, **more}
        assert self.scrip.put(f"/v1/rates/{name}", body, clock=clock).status in (200, 201)
        return name

    def lot(self, number: int) -> str:
        return lot_of(self.account, number, self.unit)

    def give(self, amount: str, **more: Any) -> str:
        granted = self.scrip.grant(self.account, amount, unit=self.unit, clock=NEW_YEAR, **more)
        return str(granted.body["lot"]["lot_id"])

    def ask(self, what: str, clock: str | None = NEW_YEAR, **body: Any) -> Answer:
        return self.scrip.move(self.account, what, unit=self.unit, clock=clock, **body)

    def hold(self, **body: Any) -> str:
        answer = self.ask("holds", **body)
        assert answer.status == 201, answer.text
        return str(answer.body["hold"]["hold_id"])

    def capture(self, hold: str, **body: Any) -> Answer:
        return self.ask(f"holds/{hold}/capture", **body)

    @property
    def available(self) -> str:
        balance = self.scrip.balance(self.account, query={"unit": self.unit}, clock=NEW_YEAR)
        return str(balance["available"])

    @property
    def owed(self) -> str:
        return str(self.scrip.balance(self.account, query={"unit": self.unit}, clock=NEW_YEAR)["owed"])

    def sound(self) -> None:
        self.scrip.sound(self.account, self.unit)


def spent(answer: Answer) -> int:
    assert answer.status == 201, answer.text
    return -int(answer.body["entry"]["amount"])


# Holds and captures by quantity


def test_a_hold_by_quantity_is_captured_by_quantity_and_says_its_usage(
    scrip: Deployment, account: str
) -> None:
    """Held for 10 at 3 each: 30. Captured 6: 18, and 12 go back."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    held = wallet.ask("holds", meter=meter, quantity=10)
    usage = {"meter": meter, "quantity": "10", "dimensions": {}, "rate_version": 1}
    assert (held.body["hold"]["amount"], held.body["entry"]["usage"]) == ("30", usage)
    done = wallet.capture(held.body["hold"]["hold_id"], quantity="6")
    assert (spent(done), done.body["entry"]["usage"]) == (18, {**usage, "quantity": "6"})
    assert (done.body["hold"]["captured"], done.body["hold"]["released"]) == ("18", "12")
    assert done.body["hold"]["counted"] == [{"meter": meter, "dimensions": {}, "quantity": "6"}]
    assert wallet.available == "82"
    wallet.sound()


def test_an_amount_captured_of_a_hold_with_a_meter_says_the_meter(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    wallet.give("100")
    held = wallet.ask("holds", meter="gpu", amount="10")
    done = wallet.capture(held.body["hold"]["hold_id"], amount="6")
    usage: dict[str, Any] = {"meter": "gpu", "quantity": None, "dimensions": {}, "rate_version": None}
    assert (held.body["entry"]["usage"], done.body["entry"]["usage"]) == (usage, usage)


# A price; the quantities captured one after the other; and what each takes.
TOGETHER: dict[str, tuple[dict[str, Any], list[Any], list[int]]] = {
    "five are free in all, not each time": (TIERS, [3, 4, 1], [0, 4, 2]),
    "a package that is begun is begun once": (
        {"model": "package", "size": 10, "credits": "1", "rounding": "up"},
        [3, 4, 4],
        [1, 0, 1],
    ),
    "fractions of a step": (each("0.4"), [1, 1, 1, 2], [0, 0, 1, 1]),
    "thirds of nothing": (each("0.1"), ["3.5", "3.5", "3"], [0, 0, 1]),
    "a volume price that falls takes nothing, and gives nothing back": (
        {"model": "volume", "tiers": [{"up_to": 5, "credits": "2"}, {"up_to": None, "credits": "1"}]},
        [5, 1, 4, 1],
        [10, 0, 0, 1],
    ),
}


@pytest.mark.parametrize(("price", "quantities", "taken"), TOGETHER.values(), ids=TOGETHER.keys())
def test_captures_of_one_hold_count_together(
    scrip: Deployment, account: str, price: dict[str, Any], quantities: list[Any], taken: list[int]
) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", price)
    wallet.give("100")
    hold = wallet.hold(meter=meter, amount="50")
    found = [spent(wallet.capture(hold, quantity=one, final=False)) for one in quantities]
    assert found == taken
    wallet.sound()


STEPS = st.lists(st.integers(1, 9), min_size=1, max_size=5)
PRICES = st.sampled_from(
    [
        each("0.3"),
        TIERS,
        {"model": "package", "size": 4, "credits": "3", "rounding": "half_up"},
        {"model": "graduated", "tiers": [{"up_to": 7, "credits": "0.7"}, {"up_to": None, "credits": "0.25"}]},
    ]
)


once = settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Every example is of an account of its own."""
NUMBERS = count(1)


@once
@given(quantities=STEPS, price=PRICES)
def test_so_many_captures_cost_what_one_would_and_fit_into_a_hold_of_as_much(
    scrip: Deployment, account: str, quantities: list[int], price: dict[str, Any]
) -> None:
    """Two figures of one thing: the captures together, and one burn of the sum in a wallet that is like it."""
    number = next(NUMBERS)
    one, many = (Wallet(scrip, f"{account}-{name}{number}") for name in ("one", "many"))
    meters = [wallet.price("calls", price) for wallet in (one, many)]
    for wallet in (one, many):
        wallet.give("1000")
    hold = many.hold(meter=meters[1], quantity=sum(quantities))
    apart = sum(spent(many.capture(hold, quantity=each, final=False)) for each in quantities)
    assert apart == spent(one.ask("burns", meter=meters[0], quantity=sum(quantities)))
    many.sound()


def test_a_hold_keeps_the_price_of_when_it_was_placed(scrip: Deployment, account: str) -> None:
    """Law 10: version 2 is in force when it is captured; a new hold has it."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("1000")
    by_quantity, by_amount = (
        wallet.hold(meter=meter, quantity=10, expires_in="P1D"),
        wallet.hold(meter=meter, amount="30", expires_in="P1D"),
    )
    wallet.price("calls", each("7"))
    for hold in (by_quantity, by_amount):
        for _ in range(2):
            done = wallet.capture(hold, clock=HOUR, quantity=2, final=False)
            assert (spent(done), done.body["entry"]["usage"]["rate_version"]) == (6, 1)
    new = wallet.ask("holds", clock=HOUR, meter=meter, quantity=2)
    assert new.body["hold"]["amount"] == "14"
    done = wallet.capture(new.body["hold"]["hold_id"], clock=HOUR, quantity=2)
    assert (spent(done), done.body["entry"]["usage"]["rate_version"]) == (14, 2)


def test_more_than_is_held_is_refused_or_burned_besides(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    hold = wallet.hold(meter=meter, quantity=2)
    answer = wallet.capture(hold, quantity=3)
    assert (answer.status, answer.body["policy"]) == (422, "over_capture")
    hold = wallet.hold(meter=meter, quantity=2, over_capture="burn_extra")
    assert spent(wallet.capture(hold, quantity=3)) == 9
    wallet.sound()


def test_a_fraction_that_others_left_does_not_push_a_capture_over_its_hold(
    scrip: Deployment, account: str
) -> None:
    """Held for 2 at half a credit: 1. Another event's half comes between; the credit it makes is taken later."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("0.5"))
    wallet.give("100")
    hold = wallet.hold(meter=meter, quantity=2)
    taken = [spent(wallet.ask("burns", meter=meter, quantity=1))]
    taken.append(spent(wallet.capture(hold, quantity=1, final=False)))
    taken.append(spent(wallet.ask("burns", meter=meter, quantity=1)))
    taken.append(spent(wallet.capture(hold, quantity=1)))
    taken.append(spent(wallet.ask("burns", meter=meter, quantity=1)))
    assert sum(taken) == 2, "five halves: two, and a half is carried"
    wallet.sound()


def test_what_cannot_be_captured_by_quantity(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter, other = wallet.price("calls", each("3")), wallet.price("other", each("1"))
    wallet.give("100")
    plain, metered = wallet.hold(amount="10"), wallet.hold(meter=meter, quantity=2)
    several = wallet.hold(items=[{"meter": meter, "quantity": 1}, {"meter": other, "quantity": 1}])
    asked: list[tuple[str, dict[str, Any]]] = [
        (plain, {"quantity": 1}),
        (plain, {"items": [{"meter": meter, "quantity": 1}]}),
        (metered, {"items": [{"meter": other, "quantity": 1}]}),
        (several, {"quantity": 1}),
    ]
    for hold, body in asked:
        refused(wallet.capture(hold, **body), 422, "policy_violation", policy="hold_meter")
    refused(wallet.ask("holds", meter="nothing", quantity=1), 404, "not_found", meter="nothing")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("holds", {}, "amount"),
        ("holds", {"amount": "1", "meter": "m", "quantity": 1}, "amount"),
        ("holds", {"quantity": 1}, "meter"),
        ("holds", {"amount": "1", "dimensions": {"a": "b"}}, "dimensions"),
        ("holds", {"meter": "m"}, "amount"),
        ("holds", {"items": [], "amount": None}, "items"),
        ("holds", {"meter": "m", "items": [{"meter": "m", "quantity": 1}]}, "meter"),
        ("holds/hold_2/capture", {"amount": "1", "quantity": 1}, "amount"),
        ("holds/hold_2/capture", {"dimensions": {"a": "b"}}, "dimensions"),
        ("holds/hold_2/capture", {"meter": "m", "quantity": 1}, "meter"),
        ("burns", {"items": [{"meter": "m", "quantity": 1}], "amount": "1"}, "amount"),
        ("burns", {"items": [{"meter": "m", "quantity": 1}] * 21}, "items"),
        ("burns", {"items": [{"meter": "m", "quantity": 0}]}, "items.0.quantity"),
        ("burns", {"items": [{"meter": "m"}]}, "items.0.quantity"),
        ("quotes", {"for": "capture", "quantity": 1}, "hold_id"),
        ("quotes", {"hold_id": "hold_2", "amount": "1"}, "hold_id"),
        ("quotes", {"for": "hold", "amount": "1", "mode": "up_to"}, "mode"),
        ("quotes", {"for": "refund", "amount": "1"}, "for"),
        ("quotes", {"for_": "hold", "amount": "1"}, "for_"),
    ],
)
def test_a_body_that_says_too_little_or_too_much(
    scrip: Deployment, account: str, path: str, body: dict[str, Any], field: str
) -> None:
    with scrip.unwritten():
        invalid(scrip.move(account, path, **body), field)


# Several items


def test_a_call_of_a_model_is_held_and_captured_by_its_tokens(scrip: Deployment, account: str) -> None:
    """Input at 0.01, output at 0.03; held for 1000 and 500: 10 + 15. Used 800 and 200: 8 + 6."""
    wallet = Wallet(scrip, account, 2)
    meter = wallet.price(
        "tokens",
        {"model": "table", "by": ["kind"], "prices": {"input": each("0.01"), "output": each("0.03")}},
    )
    wallet.give("100")

    def items(read: int, written: int) -> list[dict[str, Any]]:
        return [
            {"meter": meter, "quantity": read, "dimensions": {"kind": "input"}},
            {"meter": meter, "quantity": written, "dimensions": {"kind": "output"}},
        ]

    held = wallet.ask("holds", items=items(1000, 500))
    assert (held.body["hold"]["amount"], held.body["hold"]["meter"]) == ("25", meter)
    done = wallet.capture(held.body["hold"]["hold_id"], items=items(800, 200))
    entry = done.body["entry"]
    assert (entry["amount"], done.body["hold"]["released"]) == ("-14", "11")
    assert [(one["quantity"], one["amount"], one["rate_version"]) for one in entry["usage"]] == [
        ("800", "8", 1),
        ("200", "6", 1),
    ]
    assert [(one["item"], one["amount"]) for one in entry["draws"]] == [(0, "8"), (1, "6")]
    burned = wallet.ask("burns", items=items(800, 200)).body["entry"]
    assert (burned["amount"], burned["usage"]) == ("-14", entry["usage"])
    wallet.sound()


def scoped(scrip: Deployment, account: str) -> tuple[Wallet, str, str]:
    """A wallet with 10 for `in`, 10 for `out`, and 5 for anything, which come first; each meter costs 1."""
    wallet = Wallet(scrip, account)
    read, written = wallet.price("in", each("1")), wallet.price("out", each("1"))
    wallet.give("5", priority=0)
    wallet.give("10", scope=[read])
    wallet.give("10", scope=[written])
    return wallet, read, written


def use(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"meter": meter, "quantity": quantity} for meter, quantity in pairs]


def test_each_item_is_paid_from_lots_that_may_pay_for_its_meter(scrip: Deployment, account: str) -> None:
    wallet, read, written = scoped(scrip, account)
    entry = wallet.ask("burns", items=use((read, 12), (written, 9))).body["entry"]
    paid = [(one["item"], one["lot_id"], one["amount"]) for one in entry["draws"]]
    assert paid == [
        (0, wallet.lot(1), "5"),
        (0, wallet.lot(2), "7"),
        (1, wallet.lot(3), "9"),
    ]
    assert wallet.available == "4"
    wallet.sound()


def test_items_are_paid_all_or_none(scrip: Deployment, account: str) -> None:
    wallet, read, written = scoped(scrip, account)
    before = wallet.scrip.everything()
    answer = wallet.ask("burns", items=use((read, 1), (written, 16)))
    refused(
        answer, 402, "insufficient_credits", required="17", available="16", withheld="9", unit=wallet.unit
    )
    assert wallet.scrip.everything() == before


def test_an_item_leaves_another_what_it_alone_can_use(scrip: Deployment, account: str) -> None:
    """Anything's 5 come first in the order, and `other` has nothing else: `in` takes its own."""
    wallet, read, _ = scoped(scrip, account)
    other = wallet.price("other", each("1"))
    entry = wallet.ask("burns", items=use((read, 10), (other, 5))).body["entry"]
    paid = [(one["item"], one["lot_id"], one["amount"]) for one in entry["draws"]]
    assert paid == [(1, wallet.lot(1), "5"), (0, wallet.lot(2), "10")]


def test_up_to_takes_what_is_there_item_by_item(scrip: Deployment, account: str) -> None:
    wallet, read, written = scoped(scrip, account)
    done = wallet.ask("burns", items=use((read, 20), (written, 20)), mode="up_to")
    assert (done.body["burned"], done.body["missing"], wallet.available) == ("25", "15", "0")


def test_a_hold_of_several_meters_is_captured_from_what_may_pay_for_each(
    scrip: Deployment, account: str
) -> None:
    """5 + 7 for `in` and 8 for `out` are held; 2 of `in` and 11 of `out` were used: anything's 3 help `out`."""
    wallet, read, written = scoped(scrip, account)
    held = wallet.ask("holds", items=use((read, 12), (written, 8)))
    assert (held.body["hold"]["meters"], held.body["hold"]["meter"]) == ([read, written], None)
    done = wallet.capture(held.body["hold"]["hold_id"], items=use((read, 2), (written, 11)))
    assert spent(done) == 13
    paid = [(one["item"], one["lot_id"], one["amount"]) for one in done.body["entry"]["draws"]]
    assert paid == [
        (0, wallet.lot(1), "2"),
        (1, wallet.lot(3), "8"),
        (1, wallet.lot(1), "3"),
    ]
    assert (done.body["hold"]["released"], wallet.available) == ("7", "12")
    wallet.sound()


def test_what_was_held_for_one_meter_alone_does_not_pay_for_another(scrip: Deployment, account: str) -> None:
    wallet, read, written = scoped(scrip, account)
    hold = wallet.hold(items=use((read, 15), (written, 1)))
    answer = wallet.capture(hold, items=use((written, 7)))
    assert (answer.status, answer.body["policy"]) == (422, "over_capture")
    assert spent(wallet.capture(hold, items=use((written, 6)), final=False)) == 6
    assert spent(wallet.capture(hold, items=use((read, 10)))) == 10
    wallet.sound()


def test_what_is_captured_beyond_a_hold_of_several_meters_is_burned_and_the_rest_given_back(
    scrip: Deployment, account: str
) -> None:
    """6 of `out` are held and anything's 0; 9 were used: 3 more of `out` are burned, all of `in` goes back."""
    wallet, read, written = scoped(scrip, account)
    hold = wallet.hold(items=use((read, 15), (written, 6)), over_capture="burn_extra")
    done = wallet.capture(hold, items=use((written, 14)))
    assert spent(done) == 14
    assert (done.body["hold"]["released"], done.body["hold"]["status"]) == ("10", "captured")
    assert wallet.available == "11"
    wallet.sound()


def test_a_reversal_of_items_gives_back_the_last_drawn_first(scrip: Deployment, account: str) -> None:
    wallet, read, written = scoped(scrip, account)
    entry = wallet.ask("burns", items=use((read, 12), (written, 9))).body["entry"]
    undone = wallet.ask(f"burns/{entry['entry_id']}/reversal", amount="11").body["entry"]
    assert [(one["lot_id"], one["amount"]) for one in undone["draws"]] == [
        (wallet.lot(3), "9"),
        (wallet.lot(2), "2"),
    ]
    assert wallet.available == "15"
    wallet.sound()


def test_a_burn_of_items_that_owes_is_reversed_part_by_part(scrip: Deployment, account: str) -> None:
    """6 for one meter and 6 for another take 5, which only the first may use, and 4; 3 are owed. What is owed is undone
    first, then the last drawn; in the end each lot is as it was (law 7)."""
    wallet = Wallet(scrip, account, overdraft_limit="10")
    calls, tiles = wallet.price("calls", each("1")), wallet.price("tiles", each("2"))
    wallet.give("5", scope=[calls])
    wallet.give("4")
    items = [{"meter": calls, "quantity": 6}, {"meter": tiles, "quantity": 3}]
    burned = wallet.ask("burns", items=items)
    assert (burned.balance["owed"], burned.balance["total"]) == ("3", "-3")
    entry_id = burned.body["entry"]["entry_id"]
    for amount, available in (("4", "1"), ("3", "4"), ("5", "9")):
        answer = wallet.ask(f"burns/{entry_id}/reversal", amount=amount)
        assert (answer.balance["owed"], answer.balance["available"]) == ("0", available)
        wallet.sound()
    lots = scrip.lots(account, unit=wallet.unit, status="all")
    assert [lot["remaining"] for lot in lots] == ["5", "4"]


def test_each_meter_of_a_burn_carries_its_own_fraction(scrip: Deployment, account: str) -> None:
    """0.4 and 0.7 a piece: after five burns of both 2 and 3.5 were counted."""
    wallet = Wallet(scrip, account)
    one, other = wallet.price("in", each("0.4")), wallet.price("out", each("0.7"))
    wallet.give("100")
    taken = [spent(wallet.ask("burns", items=use((one, 1), (other, 1)))) for _ in range(5)]
    assert (taken, sum(taken)) == ([0, 1, 2, 0, 2], 5)
    assert wallet.ask("quotes", items=use((other, 1))).body["amount"] == "1", "3.5 and 0.7 are 4.2"


def test_a_batch_takes_burns_of_items(scrip: Deployment, account: str) -> None:
    wallet, read, written = scoped(scrip, account)
    burns = [
        {"key": "a", "unit": wallet.unit, "items": use((read, 2), (written, 3))},
        {"key": "b", "unit": wallet.unit, "items": use((read, 99), (written, 1))},
        {"key": "c", "unit": wallet.unit, "items": use((read, 1))},
    ]
    for replayed in (False, True):
        answer = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR)
        assert [one["status"] for one in answer.body["items"]] == [201, 402, 201]
        assert answer.body["items"][0]["replayed"] is replayed
    assert wallet.available == "19"


def test_a_warm_burn_of_two_items_is_one_call_and_two_items_written(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    items = use((wallet.price("in", each("1")), 2), (wallet.price("out", each("3")), 1))
    wallet.scrip.grant(account, "100", unit=wallet.unit)
    wallet.scrip.move(account, "burns", unit=wallet.unit, items=items)
    with scrip.calls() as made:
        assert spent(wallet.scrip.move(account, "burns", unit=wallet.unit, items=items)) == 5
    assert [(call.name, call.items) for call in made] == [
        ("TransactWriteItems", ["Put wallets wallet", "Put ledger k"])
    ]


def test_what_many_meters_carry_is_read_in_one_call(scrip: Deployment, account: str) -> None:
    """A wallet that is known; its fractions are not. Two meters are read in as many calls as five."""
    wallet = Wallet(scrip, account)
    meters = [wallet.price(f"m{number}", each("0.4")) for number in range(5)]
    wallet.give("100")
    assert spent(wallet.ask("burns", items=use(*((meter, 1) for meter in meters)))) == 0
    read = []
    for many in (2, 5):
        other = f"{account}-{many}"
        scrip.grant(other, "100", unit=wallet.unit, clock=NEW_YEAR)
        with scrip.calls() as made:
            items = use(*((meter, 3) for meter in meters[:many]))
            answer = scrip.move(other, "burns", unit=wallet.unit, clock=NEW_YEAR, items=items)
        assert spent(answer) == many, "each costs 1.2"
        read.append([call.name for call in made])
    assert read[0] == read[1]
    assert len(read[0]) <= 3


# What items lack, and fractions, undone


def test_what_an_item_lacks_is_owed_for_its_own_meter(scrip: Deployment, account: str) -> None:
    """Law 7. 10 for `in`, 10 for `out`; 6 and 14 are used: 4 are owed for `out`. Credits for `in` repay none of it."""
    wallet = Wallet(scrip, account, overdraft_limit="10")
    read, written = wallet.price("in", each("1")), wallet.price("out", each("1"))
    wallet.give("10", scope=[read])
    wallet.give("10", scope=[written])
    assert spent(wallet.ask("burns", items=use((read, 6), (written, 14)))) == 20
    assert (wallet.owed, wallet.available) == ("4", "4")
    wallet.give("5", scope=[read])
    assert (wallet.owed, wallet.available) == ("4", "9")
    wallet.give("5", scope=[written])
    assert (wallet.owed, wallet.available) == ("0", "10")
    wallet.sound()


def test_items_that_all_lack_owe_apart_and_a_reversal_gives_back_to_who_repaid_each(
    scrip: Deployment, account: str
) -> None:
    """Nothing is there: 3 are owed for `in` and 4 for `out`. The last owed is undone first: 4 of `out`, then `in`."""
    wallet = Wallet(scrip, account, overdraft_limit="10")
    read, written = wallet.price("in", each("1")), wallet.price("out", each("1"))
    burned = wallet.ask("burns", items=use((read, 3), (written, 4))).body["entry"]["entry_id"]
    assert wallet.owed == "7"
    wallet.give("10", scope=[written])
    assert (wallet.owed, wallet.available) == ("3", "6")
    wallet.give("10", scope=[read])
    assert (wallet.owed, wallet.available) == ("0", "13")
    back = []
    for amount in ("5", "2"):
        undone = wallet.ask(f"burns/{burned}/reversal", amount=amount).body["entry"]
        back.append([(one["lot_id"], one["amount"]) for one in undone["draws"]])
    assert back == [[(wallet.lot(2), "4"), (wallet.lot(3), "1")], [(wallet.lot(3), "2")]]
    assert (wallet.owed, wallet.available) == ("0", "20")
    wallet.sound()


def test_a_reversal_of_items_lowers_what_is_owed_before_it_gives_back(
    scrip: Deployment, account: str
) -> None:
    """3 owed for `in` are repaid, 4 for `out` are not: 5 undone are those 4 and 1 of the repaid 3."""
    wallet = Wallet(scrip, account, overdraft_limit="10")
    read, written = wallet.price("in", each("1")), wallet.price("out", each("1"))
    burned = wallet.ask("burns", items=use((written, 4), (read, 3))).body["entry"]["entry_id"]
    wallet.give("10", scope=[read])
    assert (wallet.owed, wallet.available) == ("4", "7")
    wallet.ask(f"burns/{burned}/reversal", amount="5")
    assert (wallet.owed, wallet.available) == ("0", "8")
    wallet.sound()


def test_what_items_capture_beyond_their_hold_is_owed_for_the_meter_that_lacks_it(
    scrip: Deployment, account: str
) -> None:
    wallet = Wallet(scrip, account, overdraft_limit="10")
    read, written = wallet.price("in", each("1")), wallet.price("out", each("1"))
    wallet.give("10", scope=[read])
    wallet.give("10", scope=[written])
    hold = wallet.hold(items=use((read, 5), (written, 10)), over_capture="burn_extra")
    assert spent(wallet.capture(hold, items=use((read, 7), (written, 13)))) == 20
    assert (wallet.owed, wallet.available) == ("3", "3")
    wallet.give("10", scope=[written])
    assert (wallet.owed, wallet.available) == ("0", "10")
    wallet.sound()


@pytest.mark.parametrize(
    "held", [{"quantity": 9}, {"amount": "9"}, {"listed": 9}], ids=lambda one: next(iter(one))
)
def test_a_capture_by_quantity_that_is_reversed_leaves_no_fraction(
    scrip: Deployment, account: str, held: dict[str, Any]
) -> None:
    """Half a credit each. One of 1 carries a half; 3 captured are 1.5, so that 2 are taken; reversed, the half of
    before is carried again, and what follows costs what it would have cost: 0.5 more is 1, 1.5 more is 2."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("0.5"))
    wallet.give("100")
    asked = {"items": use((meter, 9))} if "listed" in held else {"meter": meter, **held}
    hold = wallet.hold(**asked)
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 0
    usage = {"items": use((meter, 3))} if "listed" in held else {"quantity": 3}
    done = wallet.capture(hold, final=False, **usage)
    assert spent(done) == 2
    undone = wallet.ask(f"burns/{done.body['entry']['entry_id']}/reversal")
    assert undone.body["entry"]["amount"] == "2"
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 1
    done = wallet.capture(hold, **usage)
    assert spent(done) == 1, "1.5 from a carry of nothing"
    undone = wallet.ask(f"burns/{done.body['entry']['entry_id']}/reversal")
    assert undone.body["entry"]["amount"] == "1"
    assert [spent(wallet.ask("burns", meter=meter, quantity=1)) for _ in range(2)] == [0, 1]
    wallet.sound()


# Up to the overdraft


@pytest.mark.parametrize(
    ("up_to", "burned", "missing", "owed"), [("available", "10", "20", "0"), ("overdraft", "15", "15", "5")]
)
def test_up_to_makes_debt_where_the_policy_says_so(
    scrip: Deployment, account: str, up_to: str, burned: str, missing: str, owed: str
) -> None:
    wallet = Wallet(scrip, account, overdraft_limit="5", up_to=up_to)
    wallet.give("10")
    quoted = wallet.ask("quotes", amount="30", mode="up_to").body
    done = wallet.ask("burns", amount="30", mode="up_to").body
    for told in (quoted, done):
        assert (told["burned"], told["missing"]) == (burned, missing)
    assert (quoted["amount"], quoted["allowed"], done["balance"]["owed"]) == ("30", True, owed)
    wallet.sound()


# A quote says what is then done

QUOTED = st.fixed_dictionaries(
    {
        "lots": st.lists(
            st.fixed_dictionaries(
                {
                    "amount": st.integers(1, 12),
                    "paid": st.booleans(),
                    "scope": st.sampled_from(["", "in", "out"]),
                }
            ),
            max_size=5,
        ),
        "overdraft": st.sampled_from([0, 4]),
        "up_to": st.sampled_from(["available", "overdraft"]),
        "share": st.sampled_from(["1", "0.5", "0.34"]),
        "stacking": st.sampled_from(["free", "promotional_first", "paid_first"]),
        "asked": st.sampled_from(["amount", "meter", "items", "same items"]),
        "of": st.tuples(st.integers(1, 14), st.integers(1, 14)),
        "mode": st.sampled_from(["exact", "up_to"]),
        "for": st.sampled_from(["burn", "burn", "hold", "capture"]),
        "frozen": st.sampled_from([False, False, False, True]),
    }
)


@once
@given(QUOTED)
def test_a_quote_says_exactly_what_is_then_done(
    scrip: Deployment, account: str, case: dict[str, Any]
) -> None:
    """At the same instant: burns, holds and captures; by amount, meter and items; both modes; overdraft, shares,
    scopes, and frozen wallets."""
    policy = {
        "overdraft_limit": str(case["overdraft"]),
        "up_to": case["up_to"],
        "promotional_share_max": case["share"],
        "stacking": case["stacking"],
    }
    wallet = Wallet(scrip, f"{account}-q{next(NUMBERS)}", **policy)
    meters = {"in": wallet.price("in", each("0.7")), "out": wallet.price("out", TIERS)}
    for lot in case["lots"]:
        more: dict[str, Any] = {"scope": [meters[lot["scope"]]]} if lot["scope"] else {}
        if lot["paid"]:
            more |= {"kind": "paid", "cost_basis": {"amount": 7 * lot["amount"], "currency": "EUR"}}
        wallet.give(str(lot["amount"]), **more)
    first, second = case["of"]
    asked: dict[str, Any] = {
        "amount": {"amount": str(first)},
        "meter": {"meter": meters["in"], "quantity": first},
        "items": {"items": use((meters["in"], first), (meters["out"], second))},
        "same items": {"items": use((meters["in"], first), (meters["in"], second))},
    }[case["asked"]]
    path, quoting = f"{case['for']}s", {"for": case["for"], **asked}
    if case["for"] == "burn":
        asked, quoting = {**asked, "mode": case["mode"]}, {**quoting, "mode": case["mode"]}
    if case["for"] == "capture":
        held = wallet.ask("holds", **asked, over_capture="burn_extra")
        if held.status != 201:
            return
        hold = held.body["hold"]["hold_id"]
        asked.pop("meter", None)
        path, quoting = f"holds/{hold}/capture", {"for": "capture", "hold_id": hold, **asked}
    if case["frozen"]:
        scrip.move(wallet.account, "freeze", unit=wallet.unit, clock=NEW_YEAR)
    with scrip.unwritten():
        quoted = wallet.ask("quotes", **quoting)
    done = wallet.ask(path, **asked)
    assert quoted.status == 200, quoted.text
    told = quoted.body
    sums = [int(told[name]) for name in ("burned", "held", "missing")]
    assert int(told["amount"]) == sum(sums)
    if done.status != 201:
        assert (told["allowed"], told["refusal"], told["draws"]) == (False, done.code, [])
        return
    entry = done.body["entry"]
    assert (told["allowed"], told["refusal"]) == (True, None)
    assert (told["draws"], told["available_after"]) == (entry["draws"], entry["available_after"])
    if "items" in asked or "quantity" in asked:
        assert told["usage"] == entry["usage"]
    if case["for"] == "hold":
        assert sums == [0, int(done.body["hold"]["amount"]), 0]
    else:
        assert sums == [-int(entry["amount"]), 0, int(done.body.get("missing", 0))]
    wallet.sound()
