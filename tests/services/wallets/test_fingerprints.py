"""A command's fingerprint stays what it was: a request that was sent before an update is known after it (law 3).

The fingerprints are those of the code before commands were types; but a reversal names its burn by an id that carries
the wallet since, and a compensation its incident; neither has a key that was used before ids carried the wallet.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import Usage
from scrip.services.engine.requests import Command
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.corrections import ReverseBurn, VoidLot
from scrip.services.wallets.credit_refunds import RefundAsCredit, Source
from scrip.services.wallets.expiry_changes import ChangeExpiry
from scrip.services.wallets.grants import GrantCredits, LotTerms
from scrip.services.wallets.holds import CaptureHold, PlaceHold
from scrip.services.wallets.locks import PriceLock
from scrip.store import documents, keys, ledger
from tests.aws import NEW_YEAR, Deployment

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")

SAID: dict[str, Any] = {
    "reference": {"type": "job", "id": "j1"},
    "reason": "asked for",
    "metadata": {"b": "1", "a": "2"},
}
"""What a caller says of a request, in each request of these tests."""
EUR = {"amount": 500, "currency": "EUR"}
EXPECTED: dict[str, str] = {
    "grant": "SJ__EAiDe-wEJR9pCNfEOQ",
    "grant-paid": "PBB-0lJj2tPkm0yQy5V9kg",
    "burn": "4XjRdf4XJxaRUI29IHKimw",
    "burn-up-to": "HNpDdCJQPq_I0BTk7MVGYg",
    "burn-meter": "LCsTACDq9pYBkR9Sn5rN6g",
    "hold": "moC9pJ0JnMb9ZEiEjBMNlA",
    "hold-meter": "fh8fhoY_7fZIFHiz7TKXfA",
    "extend": "IHk5FxnifX0w0J8pxC2n9Q",
    "capture": "DgvbIcp38eLKO5-hH2eveA",
    "capture-part": "a1cSYjL6HwYsbgBGV6pnqA",
    "release": "AK9-lx2sjOuDW2i5_el82g",
    "hold-2": "hXY_vS72h4CKnCd9rAiTPQ",
    "capture-all": "cut5Ionuu8Rgw0K01PQqQg",
    "grant-void": "QDhuSkyNN1CXNn8NSbBdkw",
    "void": "wTGrc55nRlEEJLsksRLKmw",
    "void-all": "rIRHJGKRWnfhccfp5c-zeA",
    "reverse": "18FTJn_kvVoBMucOBygTBQ",
    "reverse-all": "Y-wBJoup38sEH8F-G1mAZQ",
    "adjust-credit": "8gM8nCEvHagqneMNWVgBdg",
    "adjust-debit": "kwveC6p6PPxi0h0rpXHFuA",
    "transfer": "J7Z3Jws_pxRRqCZ74YF3nA",
    "transfer-arrived": "J7Z3Jws_pxRRqCZ74YF3nA",
    "refund": "AXRvInrtSaUzvfRGAs8ukA",
    "refund-amount": "LVdXKHbjDpHvTTTh_qnSOA",
    "redeem": "TsFqGdo52NAVgjCN_7tWCA",
    "compensate pinned": "jAiwXFo5Cth89yfHbS8zyQ",
    "compensate pinned-other": "tLgZaXPxjmq6hwVyEQmVzw",
    "batch-1": "hPfaAtzE5E5YgjM8jnpzMw",
    "batch-2": "5mOkteE83TlCDdqJtInUKw",
    "put allowance": "FnKUbNS-ZE19ChlWagewsQ",
    "delete allowance": "lwkX5dgBfj4ghVCXezFASw",
    "freeze": "LmB2sHC7tNZ15dV9s55tSQ",
    "unfreeze": "6krtsvVzn2uuOlU1bWCyuA",
    "close": "xxzWr62j7Tr5UrJDqaTVSQ",
}
"""By the key of each request."""


def test_a_fingerprint_is_what_it_was(scrip: Deployment) -> None:
    assert made(scrip) == EXPECTED


def made(scrip: Deployment) -> dict[str, str]:
    """Sends each command once. Returns, by the request's key, the fingerprint in the ledger."""
    scrip.fresh()
    found: dict[str, str] = {}

    def send(path: str, key: str, account: str = "pinned", **body: Any) -> Any:
        answer = scrip.post(f"/v1/accounts/{account}{path}", {**SAID, **body}, key=key, clock=NEW_YEAR)
        assert answer.status == 201, answer.text
        note(account, key, answer.body["entry"]["entry_id"])
        return answer.body

    def note(account: str, key: str, entry_id: str) -> None:
        entry = ledger.find(runtime.tables(), account, "credits", entry_id)
        assert entry
        assert entry.cause
        found[key] = entry.cause.fingerprint

    unit = scrip.put("/v1/units/credits", {"precision": 6, "policy": {"transferable": True}})
    assert unit.status in (200, 201), unit.text
    send("/grants", "grant", amount="100", expires_in="P1Y", priority=7)
    paid: dict[str, Any] = {"kind": "paid", "cost_basis": EUR, "scope": ["tokens", "gpu"]}
    send("/grants", "grant-paid", amount="50.5", expires_at="2031-01-01T00:00:00Z", **paid)
    burned = send("/burns", "burn", amount="1.5")
    send("/burns", "burn-up-to", amount="1", mode="up_to")
    meter = scrip.put("/v1/rates/tokens", {"price": {"model": "per_unit", "credits": "0.25"}}, clock=NEW_YEAR)
    assert meter.status in (200, 201), meter.text
    send("/burns", "burn-meter", meter="tokens", quantity="2.5", dimensions={"model": "m", "a": "b"})
    held = send("/holds", "hold", amount="10", expires_in="PT1H")["hold"]["hold_id"]
    send("/holds", "hold-meter", amount="2", meter="tokens", over_capture="burn_extra")
    send(f"/holds/{held}/extend", "extend", expires_in="PT2H")
    send(f"/holds/{held}/capture", "capture", amount="3", final=False)
    send(f"/holds/{held}/capture", "capture-part", final=False, amount="1")
    send(f"/holds/{held}/release", "release")
    other = send("/holds", "hold-2", amount="4")["hold"]["hold_id"]
    send(f"/holds/{other}/capture", "capture-all")
    lot = send("/grants", "grant-void", amount="9")["lot"]["lot_id"]
    send(f"/lots/{lot}/void", "void", amount="2")
    send(f"/lots/{lot}/void", "void-all")
    reversal = f"/burns/{burned['entry']['entry_id']}/reversal"
    send(reversal, "reverse", amount="0.5")
    send(reversal, "reverse-all")
    send("/adjustments", "adjust-credit", direction="credit", amount="3", expires_in="P1D")
    send("/adjustments", "adjust-debit", direction="debit", amount="2")
    arrived = send("/transfers", "transfer", to_account="pinned-other", amount="5")
    note("pinned-other", "transfer-arrived", arrived["to_entry"]["entry_id"])
    source: dict[str, Any] = {
        "source": {"type": "invoice", "id": "in_1"},
        "value": EUR,
        "paid": {**EUR, "amount": 900},
    }
    send("/refunds", "refund", **source)
    send("/refunds", "refund-amount", amount="1", **{**source, "value": {**EUR, "amount": 1}})
    promotion = {
        **dict.fromkeys(("starts_at", "ends_at", "expires_in", "max_redemptions", "budget")),
        "unit": "credits",
        "amount": "10",
        "kind": "promotional",
        "version": 1,
        "identities": ["email"],
    }
    assert documents.put(runtime.tables(), keys.promotion("LAUNCH"), documents.NEW, promotion)
    send("/redemptions", "redeem", code="LAUNCH", identities={"email": "ann@example.com"})
    accounts = [{"account": "pinned"}, {"account": "pinned-other", "amount": "2"}]
    incident = {"incident": "outage", "amount": "5", "accounts": accounts, "expires_in": "P1D"}
    compensated = scrip.post("/v1/compensations", {**SAID, **incident}, clock=NEW_YEAR).body["items"]
    for item in compensated:
        note(item["account"], f"compensate {item['account']}", item["entry"]["entry_id"])
    batch = [{**SAID, "key": "batch-1", "amount": "1"}, {"key": "batch-2", "meter": "tokens", "quantity": 3}]
    answer = scrip.post("/v1/accounts/pinned/burns/batch", {"burns": batch}, clock=NEW_YEAR)
    for item in answer.body["items"]:
        note("pinned", item["key"], item["entry"]["entry_id"])
    allowance = {"amount": "10", "every": "P1M", "rollover": {"fraction": "0.5", "max": "3"}}
    path = "/v1/accounts/pinned/allowances/plan"
    assert scrip.put(path, allowance, clock=NEW_YEAR).status == 201
    note("pinned", "put allowance", scrip.entries("pinned")[-1]["entry_id"])
    assert scrip.send("DELETE", path, clock=NEW_YEAR).status == 204
    note("pinned", "delete allowance", scrip.entries("pinned")[-1]["entry_id"])
    for status in ("freeze", "unfreeze"):
        send(f"/{status}", status)
    send("/close", "close", account="pinned-empty")
    return found


UNIT: Final = Unit("credits", 2)
LOCK: Final = PriceLock("token", lambda: ())
USED: Final = Usage("gpu", Fraction(5, 2), {"model": "m"})
USED_JSON: Final = {"meter": "gpu", "quantity": "5/2", "dimensions": {"model": "m"}}
TERMS: Final = LotTerms(
    scope=("tokens", "gpu"), expires_in="P1M", time_zone="Europe/Berlin", end_of="day", never_expires=True
)
TERMS_JSON: Final = {
    "kind": "promotional",
    "priority": 50,
    "effective_at": None,
    "expires_at": None,
    "expires_in": "P1M",
    "cost": None,
    "scope": ["gpu", "tokens"],
    "time_zone": "Europe/Berlin",
    "end_of": "day",
    "never_expires": True,
}
HELD: Final = {"amount": None, "expires_in": "PT1H", "over_capture": None, "meter": None}
CAPTURED: Final = {"hold": 7, "amount": None, "final": True}
REFUNDED: Final = {
    "amount": "500",
    "source": ["invoice", "in_1"],
    "value": [500, "EUR"],
    "paid": [900, "EUR"],
}
COMMANDS: Final[list[tuple[Command, Json]]] = [
    (BurnCredits("1.5", lock=LOCK), {"amount": "150", "mode": "exact", "quote": "token"}),
    (BurnCredits(items=[USED], mode="up_to"), {"items": [USED_JSON], "mode": "up_to"}),
    (
        BurnCredits(meter="gpu", quantity=Fraction(5, 2), dimensions={"model": "m"}, time=7),
        {**USED_JSON, "mode": "exact", "time": 7},
    ),
    (PlaceHold("2", "PT1H", lease=True), {**HELD, "amount": "200", "lease": True}),
    (PlaceHold(None, "PT1H", items=[USED], lock=LOCK), {**HELD, "items": [USED_JSON], "quote": "token"}),
    (
        PlaceHold(None, "PT1H", "burn_extra", "gpu", Fraction(3)),
        {**HELD, "over_capture": "burn_extra", "meter": "gpu", "quantity": "3", "dimensions": {}},
    ),
    (CaptureHold(7, dimensions={"model": "m"}), {**CAPTURED, "dimensions": {"model": "m"}}),
    (
        CaptureHold(7, quantity=Fraction(3), dimensions={"model": "m"}, lock=LOCK),
        {**CAPTURED, "quantity": "3", "dimensions": {"model": "m"}, "quote": "token"},
    ),
    (
        ChangeExpiry(7, expires_in="P1D", force=True, shortens=True),
        {"lot": 7, "expires_at": None, "expires_in": "P1D", "force": True},
    ),
    (ChangeExpiry(7, 9, shortens=False), {"lot": 7, "expires_at": 9, "expires_in": None, "force": False}),
    (GrantCredits("3", TERMS), {"amount": "300", **TERMS_JSON}),
    (GrantCredits("3", TERMS, "outage"), {"amount": "300", **TERMS_JSON, "incident": "outage"}),
    (VoidLot(7), {"lot": 7, "amount": None}),
    (VoidLot(7, "1", mistake=True), {"lot": 7, "amount": "100", "as": "mistake"}),
    (ReverseBurn("k.1"), {"burn": "k.1", "amount": None}),
    (ReverseBurn("k.1", "1", offset=0), {"burn": "k.1", "amount": "100", "offset": 0}),
    (RefundAsCredit(Source("invoice", "in_1", Money(900, "EUR")), Money(500, "EUR")), REFUNDED),
    (
        RefundAsCredit(
            Source("invoice", "in_1", Money(900, "EUR")),
            Money(500, "EUR"),
            "5",
            "P1M",
            "Europe/Berlin",
            "month",
        ),
        {**REFUNDED, "expires_in": "P1M", "time_zone": "Europe/Berlin", "end_of": "month"},
    ),
]
"""What may be said besides (``test_commands`` has each command). What is not said is left out."""


@pytest.mark.parametrize(("command", "said"), COMMANDS, ids=lambda one: getattr(one, "operation", ""))
def test_what_is_asked_for_is_in_the_fingerprint_as_it_was(command: Command, said: Json) -> None:
    assert command.to_json(UNIT) == said
