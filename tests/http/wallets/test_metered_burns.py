"""Burns by meter: an event is priced by the rate card in force at its instant, exactly; a fraction of a step is carried
to the wallet's next event of that meter, and never rounded."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, short
from tests.http.contract import ENTRY, invalid, refused, whole_entry

pytestmark = pytest.mark.usefixtures("in_memory")

Price = dict[str, Any]


def each(credits: str) -> Price:
    return {"model": "per_unit", "credits": credits}


def package(rounding: str, credits: str = "1", size: int = 100) -> Price:
    return {"model": "package", "size": size, "credits": credits, "rounding": rounding}


def tiered(model: str, *tiers: tuple[int | None, str]) -> Price:
    return {"model": model, "tiers": [{"up_to": up_to, "credits": credits} for up_to, credits in tiers]}


def by(names: list[str], **prices: Price) -> Price:
    return {"model": "table", "by": names, "prices": prices}


def card(scrip: Deployment, meter: str, price: Price, clock: str = NEW_YEAR, **more: Any) -> None:
    """Puts the meter's rate card, or its next version."""
    answer = scrip.put(f"/v1/rates/{meter}", {"price": price, **more}, clock=clock)
    assert answer.status in (200, 201), answer.text


def use(
    scrip: Deployment, account: str, meter: str, quantity: Any, key: str | None = None, **rest: Any
) -> Answer:
    """An event of the meter, whatever the answer; at New Year where nothing else is said."""
    return scrip.move(
        account, "burns", key, **{"meter": meter, "quantity": quantity, "clock": NEW_YEAR, **rest}
    )


def meter_of(account: str) -> str:
    """A meter of the test's own."""
    return f"meter-{account}"


# A price, how much of the meter, what the event says of its dimensions; and what is burned.
TIERS: tuple[tuple[int | None, str], ...] = ((1000, "0.02"), (5000, "0.01"), (None, "0.005"))
TABLE = by(["operation"], raster=each("2"), vector=package("up", "0.5", 10))
SIZES = by(["operation", "size"], **{"raster/large": each("4"), "raster/small": each("1")})
PRICED: dict[str, tuple[Price, Any, dict[str, str] | None, str]] = {
    "each, a whole number": (each("0.01"), 150, None, "1.5"),
    "each, a text": (each("0.01"), "150", None, "1.5"),
    "each, a decimal": (each("2"), "0.75", None, "1.5"),
    "each, with many decimals": (each("1"), "0.000001", None, "0.000001"),
    "each, for nothing": (each("0"), 150, None, "0"),
    "each, dimensions do not matter": (each("0.01"), 150, {"operation": "raster"}, "1.5"),
    "a package, one": (package("up"), 1, None, "1"),
    "a package, full": (package("up"), 100, None, "1"),
    "a package, and one": (package("up"), 101, None, "2"),
    "a package, and the least": (package("up"), "100.000001", None, "2"),
    "packages rounded up": (package("up"), 250, None, "3"),
    "packages rounded down": (package("down"), 250, None, "2"),
    "packages rounded down, less than one": (package("down"), 99, None, "0"),
    "packages rounded half up, at half": (package("half_up"), 250, None, "3"),
    "packages rounded half up, below": (package("half_up"), 249, None, "2"),
    "packages rounded half up, less than half": (package("half_up"), 49, None, "0"),
    "packages of seven": (package("up", "0.3", 7), 15, None, "0.9"),
    "graduated, first tier": (tiered("graduated", *TIERS), 1000, None, "20"),
    "graduated, one above": (tiered("graduated", *TIERS), 1001, None, "20.01"),
    "graduated, second tier": (tiered("graduated", *TIERS), 5000, None, "60"),
    "graduated, all tiers": (tiered("graduated", *TIERS), 6000, None, "65"),
    "graduated, between": (tiered("graduated", *TIERS), "1000.5", None, "20.005"),
    "volume, first tier": (tiered("volume", *TIERS), 1000, None, "20"),
    "volume, one above": (tiered("volume", *TIERS), 1001, None, "10.01"),
    "volume, a little above": (tiered("volume", *TIERS), "1000.5", None, "10.005"),
    "volume, second tier": (tiered("volume", *TIERS), 5000, None, "50"),
    "volume, last tier": (tiered("volume", *TIERS), 6000, None, "30"),
    "one tier without end": (tiered("graduated", (None, "0.1")), 7, None, "0.7"),
    "a table, one row": (TABLE, 3, {"operation": "raster"}, "6"),
    "a table, the other": (TABLE, 11, {"operation": "vector"}, "1"),
    "a table, more said than asked": (TABLE, 3, {"operation": "raster", "size": "large"}, "6"),
    "a table by two": (SIZES, 3, {"size": "large", "operation": "raster"}, "12"),
    "a table by two, another": (SIZES, 3, {"size": "small", "operation": "raster"}, "3"),
}


@pytest.mark.parametrize(("price", "quantity", "dimensions", "burned"), PRICED.values(), ids=PRICED.keys())
def test_an_event_costs(
    scrip: Deployment,
    account: str,
    price: Price,
    quantity: Any,
    dimensions: dict[str, str] | None,
    burned: str,
) -> None:
    card(scrip, meter_of(account), price)
    scrip.grant(account, "100", clock=NEW_YEAR)
    said: dict[str, Any] = {} if dimensions is None else {"dimensions": dimensions}
    quoted = scrip.move(account, "quotes", meter=meter_of(account), quantity=quantity, clock=NEW_YEAR, **said)
    answer = use(scrip, account, meter_of(account), quantity, **said)
    assert (answer.status, answer.body["burned"], answer.body["missing"]) == (201, burned, "0")
    assert answer.body["entry"]["amount"] == ("0" if burned == "0" else f"-{burned}")
    assert (quoted.status, quoted.body["amount"], quoted.body["rate_version"]) == (200, burned, 1)
    assert quoted.body["draws"] == answer.body["entry"]["draws"]
    assert quoted.body["available_after"] == answer.body["entry"]["available_after"]
    scrip.sound(account)


NO_PRICE: dict[str, tuple[Price, dict[str, str] | None]] = {
    "no dimensions": (TABLE, None),
    "no such operation": (TABLE, {"operation": "audio"}),
    "an operation in another case": (TABLE, {"operation": "Raster"}),
    "another dimension": (TABLE, {"size": "large"}),
    "one of two dimensions": (SIZES, {"operation": "raster"}),
    "no such pair": (SIZES, {"operation": "vector", "size": "large"}),
}


@pytest.mark.parametrize(("price", "dimensions"), NO_PRICE.values(), ids=NO_PRICE.keys())
def test_a_table_has_no_price_for(
    scrip: Deployment, account: str, price: Price, dimensions: dict[str, str] | None
) -> None:
    card(scrip, meter_of(account), price)
    scrip.grant(account, "100", clock=NEW_YEAR)
    said: dict[str, Any] = {} if dimensions is None else {"dimensions": dimensions}
    with scrip.unwritten():
        answer = use(scrip, account, meter_of(account), 3, **said)
        refused(answer, 422, "policy_violation", policy="no_price")
        quoted = scrip.move(account, "quotes", meter=meter_of(account), quantity=3, clock=NEW_YEAR, **said)
        refused(quoted, 422, "policy_violation", policy="no_price")


@pytest.mark.parametrize(
    ("quantity", "burned"), [(1, "1"), (99, "1"), (100, "1"), (101, "1.01"), (150, "1.5")]
)
def test_an_event_costs_the_minimum_at_least(
    scrip: Deployment, account: str, quantity: int, burned: str
) -> None:
    card(scrip, meter_of(account), each("0.01"), minimum="1")
    scrip.grant(account, "100", clock=NEW_YEAR)
    assert use(scrip, account, meter_of(account), quantity).body["burned"] == burned


def test_an_entry_says_what_was_used_and_by_which_version_it_was_priced(
    scrip: Deployment, account: str
) -> None:
    meter = meter_of(account)
    card(scrip, meter, each("0.01"))
    scrip.grant(account, "100", clock=NEW_YEAR)
    answer = use(scrip, account, meter, "150.50", dimensions={"model": "large"}, reason="a render")
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"usage"})
    assert (entry["amount"], entry["reason"]) == ("-1.505", "a render")
    assert entry["usage"] == {
        "meter": meter,
        "quantity": "150.5",
        "dimensions": {"model": "large"},
        "rate_version": 1,
    }
    assert scrip.entries(account)[-1] == entry
    plain = use(scrip, account, meter, 3).body["entry"]["usage"]
    assert plain == {"meter": meter, "quantity": "3", "dimensions": {}, "rate_version": 1}


# Fractions of a step


def test_a_fraction_of_a_step_is_carried_until_it_is_one(scrip: Deployment, account: str) -> None:
    """Half a step each: ten events are five steps, and none of it is rounded."""
    meter = meter_of(account)
    card(scrip, meter, each("0.0000005"))
    scrip.grant(account, "1", clock=NEW_YEAR)
    burned = []
    for number in range(10):
        if number == 5:
            scrip.cold()
        burned.append(use(scrip, account, meter, 1).body["burned"])
    assert burned == ["0", "0.000001"] * 5
    assert scrip.balance(account, clock=NEW_YEAR)["available"] == "0.999995"
    scrip.sound(account)


def test_three_quarters_of_a_credit_four_times_are_three_credits(scrip: Deployment, account: str) -> None:
    unit, meter = f"whole-{account}", meter_of(account)
    scrip.put(f"/v1/units/{unit}", {"precision": 0})
    card(scrip, meter, each("0.25"), unit=unit)
    scrip.grant(account, "10", unit=unit, clock=NEW_YEAR)
    burned = [use(scrip, account, meter, 3, unit=unit).body["burned"] for _ in range(4)]
    assert burned == ["0", "1", "1", "1"], "0.75, 1.5, 2.25 and 3 in all"
    assert scrip.balance(account, query={"unit": unit}, clock=NEW_YEAR)["available"] == "7"
    scrip.sound(account, unit)


def test_each_wallet_and_each_meter_carries_its_own(scrip: Deployment, account: str) -> None:
    meter, other = meter_of(account), f"{meter_of(account)}-b"
    for name in (meter, other):
        card(scrip, name, each("0.0000005"))
    for owner in (account, f"{account}-b"):
        scrip.grant(owner, "1", clock=NEW_YEAR)
        for name in (meter, other):
            assert use(scrip, owner, name, 1).body["burned"] == "0"
    assert use(scrip, account, meter, 1).body["burned"] == "0.000001"
    assert use(scrip, account, other, 1).body["burned"] == "0.000001"


def test_a_refused_event_carries_nothing_and_a_replay_carries_nothing_twice(
    scrip: Deployment, account: str
) -> None:
    """Law 3. One and a half steps each: one is burned and a half carried, then two."""
    meter = meter_of(account)
    card(scrip, meter, each("0.0000015"))
    scrip.grant(account, "0.000001", clock=NEW_YEAR)
    first = use(scrip, account, meter, 1, "a")
    assert first.body["burned"] == "0.000001"
    again = use(scrip, account, meter, 1, "a")
    assert (again.replayed, again.text) == (True, first.text)
    before = scrip.wallet(account)
    for _ in range(3):
        answer = use(scrip, account, meter, 1, "b")
        facts = {"required": "0.000002", "available": "0", "unit": "credits"}
        refused(answer, 402, "insufficient_credits", **facts)
    assert scrip.wallet(account) == before
    scrip.grant(account, "1", clock=NEW_YEAR)
    burned = [use(scrip, account, meter, 1, key).body["burned"] for key in ("b", "c", "d")]
    assert burned == ["0.000002", "0.000001", "0.000002"]


def test_an_event_of_whole_steps_reads_and_writes_nothing_more_than_a_burn(
    scrip: Deployment, account: str
) -> None:
    meter = meter_of(account)
    card(scrip, meter, each("0.01"))
    scrip.grant(account, "100")
    use(scrip, account, meter, 1, clock=None)
    with scrip.calls() as made:
        use(scrip, account, meter, 1, clock=None)
    assert [(call.name, call.items) for call in made] == [
        ("TransactWriteItems", ["Put wallets wallet", "Put ledger k"])
    ]


def test_a_quote_counts_what_is_carried_and_carries_nothing(scrip: Deployment, account: str) -> None:
    meter = meter_of(account)
    card(scrip, meter, each("0.0000005"))
    scrip.grant(account, "1", clock=NEW_YEAR)
    use(scrip, account, meter, 1)
    before = scrip.everything()
    for _ in range(3):
        quoted = scrip.move(account, "quotes", meter=meter, quantity=1, clock=NEW_YEAR)
        assert (quoted.body["amount"], quoted.body["available_after"]) == ("0.000001", "0.999999")
    assert scrip.everything() == before


# Versions, and time


def test_an_event_is_priced_by_the_version_in_force_at_its_instant(scrip: Deployment, account: str) -> None:
    """Law 10: an event that was priced keeps its price."""
    meter = meter_of(account)
    card(scrip, meter, each("0.01"))
    scrip.grant(account, "100", clock=NEW_YEAR)
    card(scrip, meter, each("0.02"), effective_at=NEXT_DAY)
    scrip.cold()
    first = use(scrip, account, meter, 100, "a", clock="2030-01-01T23:59:59.999Z")
    later = use(scrip, account, meter, 100, "b", clock=NEXT_DAY)
    told = [
        (answer.body["burned"], answer.body["entry"]["usage"]["rate_version"]) for answer in (first, later)
    ]
    assert told == [("1", 1), ("2", 2)]
    again = use(scrip, account, meter, 100, "a", clock=NEXT_DAY)
    assert (again.replayed, again.text) == (True, first.text)


def test_under_the_test_clock_a_card_is_read_anew_for_each_event(scrip: Deployment, account: str) -> None:
    """Its minute may be over before the 30 s are for which a function remembers a card."""
    meter = meter_of(account)
    card(scrip, meter, each("1"))
    scrip.grant(account, "100", clock=NEW_YEAR)
    assert use(scrip, account, meter, 1).body["burned"] == "1"
    known = runtime.executor()
    scrip.cold()
    card(scrip, meter, each("2"))
    runtime.executor.cache_clear()
    remembering = runtime.executor
    try:
        runtime.executor = lambda: known  # type: ignore[assignment]  # another environment, that knows version 1
        told = [
            use(scrip, account, meter, 1, clock=clock).body["burned"]
            for clock in ("2030-01-01T00:00:59.999Z", "2030-01-01T00:01:00.000Z")
        ]
        quoted = scrip.move(account, "quotes", meter=meter, quantity=1, clock="2030-01-01T00:01:00.000Z")
    finally:
        runtime.executor = remembering
    assert (told, quoted.body["amount"]) == (["1", "2"], "2")


def test_before_a_card_is_in_force_nothing_is_priced(scrip: Deployment, account: str) -> None:
    meter = meter_of(account)
    card(scrip, meter, each("0.01"), effective_at=NEXT_DAY)
    scrip.grant(account, "100", clock=NEW_YEAR)
    refused(use(scrip, account, meter, 1), 422, "policy_violation", policy="rate_in_force")
    assert use(scrip, account, meter, 1, clock=NEXT_DAY).status == 201


# What cannot be priced


def test_an_unknown_meter_is_not_found(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    with scrip.unwritten():
        refused(use(scrip, account, "nothing", 1), 404, "not_found", meter="nothing")
        answer = scrip.move(account, "quotes", meter="nothing", quantity=1)
        refused(answer, 404, "not_found", meter="nothing")


def test_a_meter_that_is_counted_in_another_unit_is_refused(scrip: Deployment, account: str) -> None:
    scrip.put("/v1/units/images", {"precision": 0})
    card(scrip, meter_of(account), each("1"), unit="images")
    for unit in ("credits", "images"):
        scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    invalid(use(scrip, account, meter_of(account), 1), "unit")
    invalid(scrip.move(account, "quotes", meter=meter_of(account), quantity=1), "unit")
    assert use(scrip, account, meter_of(account), 1, unit="images").body["burned"] == "1"


def test_what_an_event_costs_is_refused_like_a_burn_of_it(scrip: Deployment, account: str) -> None:
    meter = meter_of(account)
    card(scrip, meter, each("0.01"))
    scrip.grant(account, "1", clock=NEW_YEAR)
    answer = use(scrip, account, meter, 150)
    refused(answer, 402, "insufficient_credits", required="1.5", available="1", unit="credits")
    quoted = scrip.move(account, "quotes", meter=meter, quantity=150, clock=NEW_YEAR).body
    assert (quoted["allowed"], quoted["refusal"]) == (False, "insufficient_credits")
    assert (quoted["amount"], quoted["available_after"]) == ("1.5", "1")
    answer = use(scrip, account, meter, 150, mode="up_to")
    assert (answer.body["burned"], answer.body["missing"]) == ("1", "0.5")
    answer = use(scrip, account, meter, "9" * 28)
    largest = {"largest": "1000000000000000000000", "unit": "credits"}
    refused(answer, 422, "amount_out_of_range", field="quantity", **largest)


# Keys

SAME: list[dict[str, Any]] = [
    {"quantity": "3"},
    {"quantity": "3.0"},
    {"quantity": "3.000"},
    {"dimensions": {"size": "large", "operation": "raster"}},
    {"mode": "exact"},
    {"unit": "credits"},
]
OTHER: list[dict[str, Any]] = [
    {"quantity": 4},
    {"quantity": "3.1"},
    {"dimensions": {"operation": "raster"}},
    {"dimensions": {"operation": "raster", "size": "small"}},
    {"mode": "up_to"},
    {"reason": "r"},
]
EVENT: dict[str, Any] = {"quantity": 3, "dimensions": {"operation": "raster", "size": "large"}}


@pytest.mark.parametrize("change", SAME, ids=str)
def test_it_is_the_same_event_where(scrip: Deployment, account: str, change: dict[str, Any]) -> None:
    card(scrip, meter_of(account), each("0.01"))
    scrip.grant(account, "100", clock=NEW_YEAR)
    first = use(scrip, account, meter_of(account), key="k", **EVENT)
    again = use(scrip, account, meter_of(account), key="k", **{**EVENT, **change})
    assert (again.replayed, again.text) == (True, first.text)


@pytest.mark.parametrize("change", OTHER, ids=str)
def test_a_key_is_refused_to_another_event(scrip: Deployment, account: str, change: dict[str, Any]) -> None:
    meter = meter_of(account)
    card(scrip, meter, each("0.01"))
    card(scrip, f"{meter}-b", each("0.01"))
    scrip.grant(account, "100", clock=NEW_YEAR)
    first = use(scrip, account, meter, key="k", **EVENT)
    assert first.body["burned"] == "0.03"
    refused(use(scrip, account, meter, key="k", **{**EVENT, **change}), 422, "idempotency_key_reused")
    refused(use(scrip, account, f"{meter}-b", key="k", **EVENT), 422, "idempotency_key_reused")
    refused(scrip.burn(account, "0.03", "k", clock=NEW_YEAR), 422, "idempotency_key_reused")


# With scopes, and in batches


def test_an_event_is_paid_by_lots_that_are_bound_to_its_meter(scrip: Deployment, account: str) -> None:
    meter, other = meter_of(account), f"{meter_of(account)}-b"
    for name in (meter, other):
        card(scrip, name, each("1"))
    scrip.grant(account, "10", scope=[meter], clock=NEW_YEAR)
    scrip.grant(account, "5", clock=NEW_YEAR)
    draws = use(scrip, account, meter, 12).body["entry"]["draws"]
    assert [(short(draw["lot_id"]), draw["amount"]) for draw in draws] == [("lot_1", "10"), ("lot_2", "2")]
    scrip.grant(account, "10", scope=[meter], clock=NEW_YEAR)
    answer = use(scrip, account, other, 4)
    facts = {"required": "4", "available": "3", "out_of_scope": "10", "unit": "credits"}
    refused(answer, 402, "insufficient_credits", **facts)
    scrip.sound(account)


def test_events_of_a_batch_carry_one_after_the_other(scrip: Deployment, account: str) -> None:
    """Half a step each, and one that cannot be paid: it carries nothing."""
    meter, dear = meter_of(account), f"{meter_of(account)}-b"
    card(scrip, meter, each("0.0000005"))
    card(scrip, dear, each("1.0000005"))
    scrip.grant(account, "0.5", clock=NEW_YEAR)
    events = [(meter, "a"), (meter, "b"), (dear, "c"), (meter, "d"), (meter, "e")]
    burns = [{"key": key, "meter": name, "quantity": 1} for name, key in events]
    answer = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR)
    told = [item["entry"]["amount"] if "entry" in item else item["status"] for item in answer.body["items"]]
    assert told == ["0", "-0.000001", 402, "0", "-0.000001"]
    assert use(scrip, account, meter, 1).body["burned"] == "0"
    again = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR)
    assert [item.get("replayed") for item in again.body["items"]] == [True, True, None, True, True]
    scrip.sound(account)


def test_a_batch_of_an_unknown_meter_is_refused_whole(scrip: Deployment, account: str) -> None:
    card(scrip, meter_of(account), each("1"))
    scrip.grant(account, "10", clock=NEW_YEAR)
    burns = [{"key": name, "meter": name, "quantity": 1} for name in (meter_of(account), "nothing")]
    with scrip.unwritten():
        answer = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns})
    refused(answer, 404, "not_found", meter="nothing")


def test_a_batch_refuses_alone_what_has_no_price(scrip: Deployment, account: str) -> None:
    card(scrip, meter_of(account), TABLE)
    scrip.grant(account, "10", clock=NEW_YEAR)
    burns = [
        {"key": name, "meter": meter_of(account), "quantity": 1, "dimensions": {"operation": name}}
        for name in ("raster", "audio", "vector")
    ]
    answer = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR)
    assert [item["status"] for item in answer.body["items"]] == [201, 422, 201]
    assert answer.body["items"][1]["problem"]["policy"] == "no_price"


@pytest.mark.parametrize("meters", [2, 3])
def test_the_fractions_of_several_meters_are_read_at_once(
    scrip: Deployment, account: str, meters: int
) -> None:
    """Of each meter half a step is carried: an event of all of them reads what is carried in one call."""
    names = [f"{meter_of(account)}-{number}" for number in range(meters)]
    for name in names:
        card(scrip, name, each("0.0000005"))
    scrip.grant(account, "10")
    items = [{"meter": name, "quantity": "1"} for name in names]
    asked = {"items": items, "clock": NEW_YEAR}
    assert scrip.move(account, "burns", "first", **asked).status == 201
    with scrip.calls() as made:
        assert scrip.move(account, "burns", "second", **asked).status == 201
    reads = [
        call for call in made if "carry" in str(call.params) and call.name in ("GetItem", "BatchGetItem")
    ]
    assert len(reads) == 1
