"""An account's own rate cards: before the meter's, from the answer on, whoever is asked; and what is left when they end
(law 10)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from scrip import runtime
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets.burns import BurnCredits
from tests.aws import NEW_YEAR, Answer, Deployment
from tests.http.contract import invalid, refused
from tests.http.wallets.test_period_prices import FREE, at, counted, late, path
from tests.http.wallets.test_usage import Wallet, each, spent

pytestmark = pytest.mark.usefixtures("in_memory")

HOUR: Final = "2030-01-01T01:00:00.000Z"
LATER: Final = "2030-01-01T02:00:00.000Z"


def put(wallet: Wallet, meter: str, price: dict[str, Any], clock: str = NEW_YEAR, **more: Any) -> Answer:
    return wallet.scrip.put(path(wallet, f"rates/{meter}"), {"price": price, **more}, clock=clock)


def get(wallet: Wallet, meter: str) -> Answer:
    return wallet.scrip.get(path(wallet, f"rates/{meter}"))


def delete(wallet: Wallet, meter: str, clock: str) -> Answer:
    return wallet.scrip.send("DELETE", path(wallet, f"rates/{meter}"), clock=clock)


def test_an_accounts_own_price_comes_before_the_meters(scrip: Deployment, account: str) -> None:
    """10 at 3 each; of its own 2 each, and a minute later 1 each; another account pays 3."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    assert spent(wallet.ask("burns", meter=meter, quantity=10)) == 30
    made = put(wallet, meter, each("2"))
    assert (made.status, made.body["version"], made.body["unit"]) == (201, 1, wallet.unit)
    assert made.body["effective_at"] == NEW_YEAR
    done = wallet.ask("burns", meter=meter, quantity=10)
    assert (
        spent(done),
        done.body["entry"]["usage"]["card"],
        done.body["entry"]["usage"]["rate_version"],
    ) == (
        20,
        "account",
        1,
    )
    changed = put(wallet, meter, each("1"), effective_at="2030-01-01T00:01:00Z")
    assert (changed.status, changed.body["version"]) == (200, 2)
    assert [spent(wallet.ask("burns", clock, meter=meter, quantity=1)) for clock in (NEW_YEAR, HOUR)] == [
        2,
        1,
    ]
    other = f"{account}-2"
    scrip.grant(other, "100", unit=wallet.unit, clock=NEW_YEAR)
    answer = scrip.move(other, "burns", unit=wallet.unit, meter=meter, quantity=1, clock=NEW_YEAR)
    assert (answer.body["burned"], "card" in answer.body["entry"]["usage"]) == ("3", False)
    wallet.sound()


def test_it_is_quoted_held_captured_batched_and_paged_by(scrip: Deployment, account: str) -> None:
    """A hold stays at the version of when it was placed, whose it is."""
    wallet = Wallet(scrip, account)
    meter, plain = wallet.price("calls", each("3")), wallet.price("plain", each("1"))
    wallet.give("1000")
    before = wallet.hold(meter=meter, quantity=4)
    unnamed = wallet.hold(meter=meter, amount="9")
    assert put(wallet, meter, each("2")).status == 201
    assert wallet.ask("quotes", meter=meter, quantity=5).body["amount"] == "10"
    hold = wallet.hold(meter=meter, quantity=5)
    assert put(wallet, meter, each("7")).status == 200
    assert spent(wallet.capture(hold, quantity=5)) == 10
    assert spent(wallet.capture(before, quantity=4)) == 12
    captured = wallet.capture(unnamed, quantity=1)
    assert spent(captured) == 7, (
        "the version that was in force when the hold was placed: that put at the same instant"
    )
    items = [{"meter": meter, "quantity": 1}, {"meter": plain, "quantity": 2}]
    entry = wallet.ask("burns", items=items).body["entry"]
    assert [(one["amount"], one.get("card")) for one in entry["usage"]] == [("7", "account"), ("2", None)]
    batch = {
        "burns": [
            {"key": f"k{n}", "unit": wallet.unit, "meter": one, "quantity": 1}
            for n, one in enumerate((meter, plain))
        ]
    }
    answer = scrip.post(path(wallet, "burns/batch"), batch, clock=NEW_YEAR)
    assert [one["entry"]["amount"] for one in answer.body["items"]] == ["-7", "-1"]
    body = {"unit": wallet.unit, "stream": "s", "first": 0, "records": [[meter, "2", "r"], [plain, "1", "r"]]}
    page = scrip.post(path(wallet, "burns/pages"), body, clock=NEW_YEAR).body["entry"]
    assert [(one["amount"], one.get("card")) for one in page["usage"]] == [("14", "account"), ("1", None)]
    lease = wallet.hold(amount="50", lease=True)
    settled = wallet.ask(f"holds/{lease}/settle", first=0, records=[[meter, "1", "r"]])
    assert spent(settled) == 7
    wallet.sound()


def test_an_own_card_that_ends_leaves_the_meters_and_late_events_find_what_was_in_force(
    scrip: Deployment, account: str
) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    assert put(wallet, meter, each("2"), HOUR).status == 201
    assert put(wallet, meter, each("9"), HOUR, effective_at="2030-06-01T00:00:00Z").status == 200
    assert delete(wallet, meter, LATER).status == 204
    refused(delete(wallet, meter, LATER), 404, "not_found", meter=meter)
    refused(get(wallet, meter), 404, "not_found", meter=meter)
    assert spent(wallet.ask("burns", LATER, meter=meter, quantity=1)) == 3
    assert late(wallet, meter, "1", LATER, "2030-01-01T01:30:00Z") == "2"
    assert late(wallet, meter, "1", LATER, "2030-01-01T00:30:00Z") == "3"
    assert spent(wallet.ask("burns", "2030-06-02T00:00:00Z", meter=meter, quantity=1)) == 3
    again = put(wallet, meter, each("1"), "2030-06-03T00:00:00Z")
    assert (again.status, again.body["version"]) == (201, 4)
    assert [(one["version"], one["price"]) for one in again.body["versions"]] == [
        (1, each("2")),
        (3, None),
        (4, each("1")),
    ]
    wallet.sound()


def test_whoever_remembers_the_wallet_obeys_a_card_from_its_answer_on(
    scrip: Deployment, account: str
) -> None:
    """Two environments: the one that burned last decides on what it remembers, and is refused the commit."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    warm = Executor(runtime.tables())

    def use(key: str) -> int:
        command, moment = BurnCredits(meter=meter, quantity=1), Moment(at(NEW_YEAR), pinned=True)  # type: ignore[arg-type]
        result, _ = execute(warm, command, WalletRequest(account, wallet.unit, key, "tests", moment))
        return -result.entry.amount

    assert use("1") == 3
    put(wallet, meter, each("2"))
    assert use("2") == 2
    put(wallet, meter, each("1"))
    assert use("3") == 1
    delete(wallet, meter, NEW_YEAR)
    assert use("4") == 3
    wallet.sound()


def test_a_refusal_by_a_remembered_price_is_looked_at_again(scrip: Deployment, account: str) -> None:
    """2 are there: at 3 it is too little, at 2 it is enough."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("2")
    refused_before = wallet.ask("burns", meter=meter, quantity=1)
    assert refused_before.status == 402
    put(wallet, meter, each("2"))
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 2


def test_the_same_again_changes_nothing(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    first = put(wallet, meter, each("2"))
    with scrip.unwritten():
        again = put(wallet, meter, each("2.00"))
    assert (again.status, again.body) == (200, first.body)
    assert get(wallet, meter).body == first.body
    entry = scrip.get(path(wallet, "entries"), query={"unit": wallet.unit}, clock=NEW_YEAR).body["items"][0]
    assert (entry["kind"], entry["amount"], entry["rate"]) == ("status", "0", {"meter": meter, "version": 1})
    assert entry["reference"] == {"type": "rate", "id": meter}


def test_the_count_of_a_period_goes_on_from_card_to_card(scrip: Deployment, account: str) -> None:
    """5 of a month are free, for the list price and for the account's own."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", FREE)
    wallet.give("100")
    assert spent(wallet.ask("burns", meter=meter, quantity=4)) == 0
    own = {**FREE, "tiers": [{"up_to": 5, "credits": "0"}, {"up_to": None, "credits": "1"}]}
    put(wallet, meter, own)
    done = wallet.ask("burns", meter=meter, quantity=3)
    assert (spent(done), counted(done)) == (2, [("4", "3")])
    delete(wallet, meter, NEW_YEAR)
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 2
    wallet.sound()


def test_cards_of_an_account_are_listed_by_meter(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meters = sorted(wallet.price(name, each("3")) for name in ("a", "b", "c"))
    for meter in meters:
        put(wallet, meter, each("1"))
    delete(wallet, meters[1], HOUR)
    query = {"unit": wallet.unit, "limit": "1"}
    first = scrip.get(path(wallet, "rates"), query=query).body
    second = scrip.get(path(wallet, "rates"), query={**query, "cursor": first["next_cursor"]}).body
    assert [one["meter"] for page in (first, second) for one in page["items"]] == [meters[0], meters[2]]
    assert second["next_cursor"] is None
    assert scrip.get(path(wallet, "rates"), query={"unit": "credits"}).body["items"] == []


def test_a_card_is_refused(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    refused(put(wallet, f"no-{meter}", each("1")), 404, "not_found", meter=f"no-{meter}")
    refused(put(wallet, meter, each("1"), unit="credits"), 422, "policy_violation", policy="rate_unit")
    early = put(wallet, meter, each("1"), HOUR, effective_at="2030-01-01T00:59:59Z")
    facts = {"policy": "rate_effective_at", "field": "effective_at", "earliest_at": HOUR}
    refused(early, 422, "policy_violation", **facts)
    assert put(wallet, meter, each("1"), HOUR, effective_at=HOUR, unit=wallet.unit).status == 201
    invalid(put(wallet, meter, {"model": "per_unit"}), "price.credits")
    invalid(put(wallet, meter, each("1"), until="2031"), "until")


def test_a_closed_wallet_takes_no_card(scrip: Deployment, account: str) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    assert wallet.ask("close").status == 201
    refused(put(wallet, meter, each("1")), 409, "wallet_closed")


def test_a_wallet_that_there_is_not_may_have_a_card_before_its_first_credit(
    scrip: Deployment, account: str
) -> None:
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    assert put(wallet, meter, each("1")).status == 201
    wallet.give("10")
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 1
    wallet.sound()
