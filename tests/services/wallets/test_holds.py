"""By which prices a hold is captured: each card is read as often as is needed, and a price that is gone is none."""

from __future__ import annotations

from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.credits.rate_cards import RATE_VERSIONS
from scrip.services.engine.executor import Executor
from scrip.store import keys
from tests.aws import NEW_YEAR, Call, Deployment
from tests.http.contract import refused
from tests.http.wallets.test_own_rates import put
from tests.http.wallets.test_usage import Wallet, each, spent

pytestmark = pytest.mark.usefixtures("in_memory")

WEEKS: Final = [f"2030-01-{day:02d}T00:00:00.000Z" for day in (7, 13, 19, 25, 31)] + [
    "2030-02-06T00:00:00.000Z"
]


def cards(made: list[Call]) -> list[str]:
    """The cards that were read, one by one or with a wallet."""
    asked: list[Any] = [call.params.get("Key") for call in made if call.name == "GetItem"]
    for call in made:
        if call.name == "BatchGetItem":
            asked += [key for table in call.params["RequestItems"].values() for key in table["Keys"]]
    return [key["pk"]["S"] for key in asked if key["pk"]["S"].startswith(keys.rate(""))]


@pytest.mark.parametrize(
    ("clock", "reads"), [(NEW_YEAR, 1), (None, 0)], ids=["test clock", "machine's clock"]
)
@pytest.mark.parametrize("said", [{"amount": "60"}, {"quantity": 20}], ids=["an amount", "a quantity"])
def test_a_capture_of_several_items_of_a_meter_reads_its_card_once(
    scrip: Deployment, account: str, said: Any, clock: str | None, reads: int
) -> None:
    """Under the test clock a card is read for each request; else what is remembered is good enough."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 3
    hold = wallet.hold(meter=meter, **said)
    items = [{"meter": meter, "quantity": number, "dimensions": {"n": str(number)}} for number in (1, 2, 3)]
    with scrip.calls() as made:
        assert spent(wallet.capture(hold, items=items, clock=clock)) == 18
    assert cards(made) == [keys.rate(meter)] * reads


def test_a_version_that_is_not_remembered_here_is_read(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process remembers a price of 3. Another one puts 5, and places a hold when that is in force: captured here,
    of one and of two, it costs 5 for each; the card is read for the first of them."""
    now = runtime.now()
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"), clock=None)
    scrip.grant(account, "100", unit=wallet.unit)
    assert spent(wallet.ask("burns", meter=meter, quantity=1, clock=None)) == 3
    known = runtime.executor
    other = Executor(runtime.tables())
    monkeypatch.setattr(runtime, "executor", lambda: other)
    wallet.price("calls", each("5"), clock=None)
    monkeypatch.setattr(runtime, "now", lambda: now + 61_000)
    hold = wallet.hold(meter=meter, quantity=9, clock=None)
    monkeypatch.setattr(runtime, "executor", known)
    for quantity, reads in ((1, 1), (2, 0)):
        with scrip.calls() as made:
            assert spent(wallet.capture(hold, quantity=quantity, final=False, clock=None)) == 5 * quantity
        assert cards(made) == [keys.rate(meter)] * reads


@pytest.mark.parametrize("own", [True, False], ids=["the account's card", "the meter's card"])
def test_a_hold_that_outlives_its_price_is_captured_by_amount_alone(
    scrip: Deployment, account: str, own: bool
) -> None:
    """A hold that was extended each week for 36 days. A card keeps fifty versions, which replaced each other in the
    first hour: one more, and the first one is gone, for it was replaced 35 days ago."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")

    def price(number: int, clock: str = NEW_YEAR, **more: Any) -> None:
        if own:
            assert put(wallet, meter, each(str(number)), clock=clock, **more).status in (200, 201)
        else:
            wallet.price("calls", each(str(number)), clock=clock, **more)

    if own:
        price(3)
    hold = wallet.hold(meter=meter, quantity=20, expires_in="P7D")
    for number in range(1, RATE_VERSIONS):
        price(number + 3, effective_at=f"2030-01-01T00:{number:02d}:00Z")
    for clock in WEEKS:
        assert wallet.ask(f"holds/{hold}/extend", expires_in="P7D", clock=clock).status == 201
    assert spent(wallet.capture(hold, quantity=1, final=False, clock=WEEKS[-1])) == 3
    price(1, WEEKS[-1])
    gone = wallet.capture(hold, quantity=1, clock=WEEKS[-1])
    refused(gone, 422, "policy_violation", policy="hold_price")
    assert gone.body["detail"] == "the hold is older than its price: capture an amount"
    assert spent(wallet.capture(hold, amount="6", clock=WEEKS[-1])) == 6
    wallet.sound()


def test_the_first_capture_fixes_the_price_of_a_hold_by_amount(scrip: Deployment, account: str) -> None:
    """Of a price that holds from the instant on at which the hold was placed, but was put after the first capture,
    the hold knows nothing."""
    wallet = Wallet(scrip, account)
    meter = wallet.price("calls", each("3"))
    wallet.give("100")
    hold = wallet.hold(meter=meter, amount="30")
    assert spent(wallet.capture(hold, quantity=1, final=False)) == 3
    assert put(wallet, meter, each("7")).status == 201
    assert spent(wallet.capture(hold, quantity=1, final=False)) == 3
    assert spent(wallet.capture(wallet.hold(meter=meter, amount="30"), quantity=1)) == 7
    wallet.sound()


def test_no_hold_ends_after_the_year_9999(scrip: Deployment, account: str) -> None:
    """An hour before its end: a hold of an hour begins, and neither it nor another one lasts a minute more."""
    clock = "9999-12-31T23:00:00.000Z"
    scrip.grant(account, "10", clock=clock)
    refused = scrip.move(account, "holds", amount="1", expires_in="PT61M", clock=clock)
    assert (refused.status, refused.fields) == (400, ["expires_in"])
    held = scrip.move(account, "holds", amount="1", expires_in="PT59M", clock=clock)
    assert held.status == 201, held.text
    path = f"holds/{held.body['hold']['hold_id']}/extend"
    refused = scrip.move(account, path, expires_in="PT61M", clock=clock)
    assert (refused.status, refused.fields) == (400, ["expires_in"])
    assert scrip.move(account, path, expires_in="PT59M", clock=clock).status == 201
