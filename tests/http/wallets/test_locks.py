"""Prices that a quote has locked: to the step, as often as they are used, until their time is over (law 10)."""

from __future__ import annotations

import base64
from typing import Any, Final

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment
from tests.http.contract import invalid, refused
from tests.http.wallets.test_own_rates import put as put_own
from tests.http.wallets.test_period_prices import FREE, counted, path
from tests.http.wallets.test_usage import Wallet, each, spent

pytestmark = pytest.mark.usefixtures("in_memory")

SOON: Final = "2030-01-01T00:09:59.999Z"
OVER: Final = "2030-01-01T00:10:00.000Z"


def lock(wallet: Wallet, lock_for: str = "PT10M", **asked: Any) -> str:
    """A quote's token."""
    answer = wallet.ask("quotes", lock_for=lock_for, **asked)
    assert answer.status == 200, answer.text
    return str(answer.body["quote"])


@pytest.fixture
def wallet(scrip: Deployment, account: str) -> Wallet:
    made = Wallet(scrip, account)
    made.give("1000")
    return made


def test_a_quote_says_until_when_it_holds_only_where_that_is_asked_for(wallet: Wallet) -> None:
    meter = wallet.price("calls", each("3"))
    locked = wallet.ask("quotes", meter=meter, quantity=2, lock_for="PT10M").body
    assert (locked["amount"], locked["quote_expires_at"]) == ("6", OVER)
    assert {"quote", "quote_expires_at"}.isdisjoint(wallet.ask("quotes", meter=meter, quantity=2).body)


def test_a_burn_costs_what_was_quoted_until_then_and_no_longer(wallet: Wallet) -> None:
    """2 at 3 are 6, whatever the price is by then; a moment later it is 14 again."""
    meter = wallet.price("calls", each("3"))
    asked: dict[str, Any] = {"meter": meter, "quantity": 2}
    token = lock(wallet, **asked)
    wallet.price("calls", each("5"), effective_at="2030-01-01T00:05:00Z")
    put_own(wallet, meter, each("7"))
    assert spent(wallet.ask("burns", **asked)) == 14
    done = [wallet.ask("burns", clock, quote=token, **asked) for clock in (NEW_YEAR, SOON)]
    assert [(spent(one), one.body["entry"]["usage"].get("card")) for one in done] == [(6, None), (6, None)]
    refused(wallet.ask("burns", OVER, quote=token, **asked), 409, "quote_expired", expired_at=OVER)
    assert spent(wallet.ask("burns", OVER, **asked)) == 14
    wallet.sound()


def test_a_replay_is_answered_after_the_quotes_time(scrip: Deployment, wallet: Wallet) -> None:
    meter = wallet.price("calls", each("3"))
    said: dict[str, Any] = {"meter": meter, "quantity": 2, "unit": wallet.unit}
    said |= {"quote": lock(wallet, meter=meter, quantity=2)}
    answers = [
        scrip.move(wallet.account, "burns", "a key", clock=clock, **said) for clock in (NEW_YEAR, OVER)
    ]
    assert [one.status for one in answers] == [201, 201]
    assert answers[0].text == answers[1].text
    other = {**said, "quote": lock(wallet, "PT1H", meter=meter, quantity=2)}
    refused(scrip.move(wallet.account, "burns", "a key", clock=OVER, **other), 422, "idempotency_key_reused")


OTHERWISE: dict[str, dict[str, Any]] = {
    "another quantity": {"quantity": 3},
    "other dimensions": {"dimensions": {"model": "b"}},
    "no dimensions": {"dimensions": None},
    "another item more": {"items": 2},
}


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_a_quote_for_another_request_is_refused(wallet: Wallet, change: dict[str, Any]) -> None:
    prices = {"a": each("1"), "b": each("2")}
    table = {"model": "table", "by": ["model"], "prices": prices}
    meter = wallet.price("calls", table)
    asked: dict[str, Any] = {"meter": meter, "quantity": 2, "dimensions": {"model": "a"}}
    token = lock(wallet, **asked)
    if "items" in change:
        changed: dict[str, Any] = {"items": [asked] * change["items"]}
    else:
        changed = {name: value for name, value in {**asked, **change}.items() if value is not None}
    with wallet.scrip.unwritten():
        refused(wallet.ask("burns", quote=token, **changed), 422, "quote_mismatch")


def test_a_quote_is_of_its_account_unit_and_operation(scrip: Deployment, wallet: Wallet) -> None:
    meter = wallet.price("calls", each("3"))
    asked: dict[str, Any] = {"meter": meter, "quantity": 2}
    burn, hold = lock(wallet, **asked), lock(wallet, **{"for": "hold"}, **asked)
    refused(wallet.ask("holds", quote=burn, **asked), 422, "quote_mismatch")
    refused(wallet.ask("burns", quote=hold, **asked), 422, "quote_mismatch")
    other = f"{wallet.account}-2"
    scrip.grant(other, "100", unit=wallet.unit, clock=NEW_YEAR)
    answer = scrip.move(other, "burns", unit=wallet.unit, quote=burn, clock=NEW_YEAR, **asked)
    refused(answer, 422, "quote_mismatch")


def forged(token: str) -> dict[str, str]:
    """Tokens that nobody signed, from one that was."""
    said, _, mac = token.partition(".")
    body = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
    cheaper = base64.urlsafe_b64encode(body.replace('["6"', '["1"').encode()).rstrip(b"=").decode()
    return {
        "cheaper": f"{cheaper}.{mac}",
        "no mac": said,
        "an empty mac": f"{said}.",
        "a cut mac": f"{said}.{mac[:-1]}",
        "another mac": f"{said}.{'A' * len(mac)}",
        "nothing": ".",
        "no base64": "ä.ö",
        "two in one": f"{token}.{mac}",
    }


def test_a_forged_quote_is_refused(wallet: Wallet) -> None:
    meter = wallet.price("calls", each("3"))
    asked: dict[str, Any] = {"meter": meter, "quantity": 2}
    for name, token in forged(lock(wallet, **asked)).items():
        answer = wallet.ask("burns", quote=token, **asked)
        assert (answer.status, answer.code) == (422, "quote_mismatch"), name
    invalid(wallet.ask("burns", quote="", **asked), "quote")


def test_holds_captures_items_and_batches_take_a_quote(scrip: Deployment, wallet: Wallet) -> None:
    """2 at 3 and 1 at 0.5 (a step that is begun): quoted, and paid after every price was raised to 9."""
    calls, odd = wallet.price("calls", each("3")), wallet.price("odd", each("0.5"))
    one: dict[str, Any] = {"meter": calls, "quantity": 2}
    items: list[Any] = [one, {"meter": odd, "quantity": 1}]
    hold = lock(wallet, **{"for": "hold"}, items=items)
    burn, several = lock(wallet, **one), lock(wallet, items=items)
    placed = wallet.hold(**one)
    capture = lock(wallet, **{"for": "capture"}, hold_id=placed, quantity=2)
    part = lock(wallet, **{"for": "capture"}, hold_id=placed, quantity=1)
    for meter in (calls, odd):
        put_own(wallet, meter, each("9"))
    held = wallet.ask("holds", quote=hold, items=items)
    assert held.body["hold"]["amount"] == "7"
    assert held.body["entry"]["quoted"] is True
    paid = wallet.ask("burns", quote=several, items=items).body["entry"]
    assert [(each["amount"], each.get("card")) for each in paid["usage"]] == [("6", None), ("0", None)]
    refused(wallet.capture(placed, quote=part, quantity=2), 422, "quote_mismatch")
    refused(wallet.capture(placed, quote=burn, quantity=2), 422, "quote_mismatch")
    captured = wallet.capture(placed, quote=capture, quantity=2)
    assert (spent(captured), paid["quoted"], captured.body["entry"]["quoted"]) == (6, True, True)
    burns: list[Any] = [{"key": key, "unit": wallet.unit, **one, "quote": burn} for key in ("1", "2")]
    burns += [{"key": "3", "unit": wallet.unit, **one, "quote": several}]
    answer = scrip.post(path(wallet, "burns/batch"), {"burns": burns}, clock=NEW_YEAR)
    became = [
        one["entry"]["amount"] if "entry" in one else one["problem"]["code"] for one in answer.body["items"]
    ]
    assert became == ["-6", "-6", "quote_mismatch"]
    found = scrip.entries(wallet.account, unit=wallet.unit)
    said = [(one["kind"], one.get("quoted")) for one in found if "usage" in one]
    assert said == [("hold", None), ("hold", True), ("burn", True), ("capture", True), *[("burn", True)] * 2]
    plain = wallet.ask("burns", **one).body["entry"]
    assert "quoted" not in plain
    amount = lock(wallet, amount="1")
    assert "quoted" not in wallet.ask("burns", quote=amount, amount="1").body["entry"], "it costs itself"
    wallet.sound()


def test_what_was_quoted_for_one_hold_is_no_price_of_another(wallet: Wallet) -> None:
    """Both are of 2 at 3."""
    one: dict[str, Any] = {"meter": wallet.price("calls", each("3")), "quantity": 2}
    placed, other = wallet.hold(**one), wallet.hold(**one)
    token = lock(wallet, **{"for": "capture"}, hold_id=placed, quantity=2)
    refused(wallet.capture(other, quote=token, quantity=2), 422, "quote_mismatch")
    assert spent(wallet.capture(placed, quote=token, quantity=2)) == 6


def test_a_holds_captures_go_by_the_version_that_was_quoted(wallet: Wallet) -> None:
    meter = wallet.price("calls", each("3"))
    token = lock(wallet, **{"for": "hold"}, meter=meter, quantity=4)
    put_own(wallet, meter, each("9"))
    hold = wallet.ask("holds", quote=token, meter=meter, quantity=4).body["hold"]
    assert (hold["amount"], spent(wallet.capture(hold["hold_id"], quantity=2))) == ("12", 6)
    wallet.sound()


def test_what_was_quoted_counts_in_its_period_and_carries_nothing(wallet: Wallet) -> None:
    """5 are free: quoted 4 for nothing, twice, and both count; then each costs 2. Of 0.5 nothing is carried."""
    meter, odd = wallet.price("calls", FREE), wallet.price("odd", each("0.5"))
    token = lock(wallet, meter=meter, quantity=4)
    done = [wallet.ask("burns", quote=token, meter=meter, quantity=4) for _ in range(2)]
    assert [(spent(one), counted(one)) for one in done] == [(0, [("0", "4")]), (0, [("4", "4")])]
    assert spent(wallet.ask("burns", meter=meter, quantity=1)) == 2
    half = lock(wallet, meter=odd, quantity=1)
    assert [spent(wallet.ask("burns", quote=half, meter=odd, quantity=1)) for _ in range(3)] == [0, 0, 0]
    assert spent(wallet.ask("burns", meter=odd, quantity=1)) == 0
    back = wallet.ask(f"burns/{done[0].body['entry']['entry_id']}/reversal")
    assert back.status == 201
    assert counted(wallet.ask("burns", meter=meter, quantity=1)) == [("5", "1")]
    wallet.sound()


def test_a_lock_is_of_a_price_and_not_of_credits(scrip: Deployment, account: str) -> None:
    poor = Wallet(scrip, account)
    poor.give("5")
    meter = poor.price("calls", each("3"))
    asked: dict[str, Any] = {"meter": meter, "quantity": 2}
    quoted = poor.ask("quotes", lock_for="PT10M", **asked).body
    assert (quoted["allowed"], quoted["refusal"]) == (False, "insufficient_credits")
    refused_for = poor.ask("burns", quote=quoted["quote"], **asked)
    assert refused_for.status == 402
    partly = poor.ask("burns", quote=quoted["quote"], mode="up_to", **asked)
    assert (partly.body["burned"], partly.body["missing"]) == ("5", "1")
    amount = lock(poor, amount="4")
    refused(poor.ask("burns", quote=amount, amount="3"), 422, "quote_mismatch")
    poor.give("4")
    assert spent(poor.ask("burns", quote=amount, amount="4")) == 4


@pytest.mark.parametrize("lock_for", ["P7DT1S", "P1M", "PT0S", "", "10m", None, 600])
def test_a_lock_is_of_seven_days_at_most(wallet: Wallet, lock_for: Any) -> None:
    answer: Answer = wallet.ask("quotes", amount="1", lock_for=lock_for)
    if lock_for is None:
        assert "quote" not in answer.body
    else:
        invalid(answer, "lock_for")
    assert wallet.ask("quotes", amount="1", lock_for="P7D").status == 200


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("10m", "PT10M"),
        ("90 s", "PT90S"),
        ("2min", "PT2M"),
        ("1h", "PT1H"),
        ("90h", "PT10M"),
        ("600", "PT10M"),
    ],
)
def test_a_span_that_is_none_is_answered_with_one_that_is_taken(
    wallet: Wallet, said: str, meant: str
) -> None:
    answer = wallet.ask("quotes", amount="1", lock_for=said)
    invalid(answer, "lock_for")
    told = answer.body["errors"][0]["message"]
    assert told == f"must be an ISO 8601 duration longer than nothing, seven days at most, such as {meant}"
    assert wallet.ask("quotes", amount="1", lock_for=meant).status == 200


def test_a_quote_of_before_a_rotation_is_believed_and_one_of_before_two_is_not(
    scrip: Deployment, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is put anew while functions remember the one before, and the other way round."""
    from scrip import runtime

    def forget() -> None:
        for known in (runtime._secrets, runtime._asked_again, runtime._earlier_keys):
            known.cache_clear()

    meter = wallet.price("calls", each("3"))
    asked: dict[str, Any] = {"meter": meter, "quantity": 2}
    first = lock(wallet, **asked)
    name = runtime.Settings.value("SCRIP_SIGNING_KEY_SECRET_ID")
    try:
        scrip.secrets.put_secret_value(SecretId=name, SecretString="n" * 64)
        assert spent(wallet.ask("burns", quote=first, **asked)) == 6, "remembered"
        forget()
        second = lock(wallet, **asked)
        assert [spent(wallet.ask("burns", quote=token, **asked)) for token in (first, second)] == [6, 6]
        forget()
        lock(wallet, **asked)
        scrip.secrets.put_secret_value(SecretId=name, SecretString="o" * 64)
        forget()
        third = lock(wallet, **asked)
        assert [spent(wallet.ask("burns", quote=token, **asked)) for token in (second, third)] == [6, 6]
        refused(wallet.ask("burns", quote=first, **asked), 422, "quote_mismatch")
    finally:
        scrip.secrets.put_secret_value(SecretId=name, SecretString="m" * 64)
        forget()
