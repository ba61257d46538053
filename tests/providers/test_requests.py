"""What is asked of providers' APIs, and what is read in their answers, whole: as it was read last.

``python -m tests.providers.test_requests`` writes ``data/requests.json`` anew. What chance makes is written as ``<1>``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Final

import pytest

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from local.standins.serving import Asked, Standin
from scrip.domain.payments.delivery import Inquiry
from scrip.providers.clients import Client, ProviderError, Sale, WantedRefund, client
from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET
from tests.providers.asking import HOUR
from tests.providers.samples import DATA

Json = dict[str, Any]
FILE: Final = DATA / "requests.json"
HEADERS: Final = ("authorization", "content-type", "idempotency-key", "stripe-version", "accept")
SALE: Final = Sale(
    topup_id="top_1",
    request_id="top_1.1",
    account="acme",
    pack="ten-thousand",
    product="prod_1",
    name="10000 credits",
    quantity=2,
    amount=100000,
    currency="USD",
    return_url="https://shop.example.test/done",
)
SALES: Final = (
    *(
        SALE,
        replace(SALE, product=None, request_id="2", quantity=1),
        replace(SALE, currency="JPY", request_id="3"),
    ),
    *(replace(SALE, every=every, request_id=every, terms="None.") for every in ("P1M", "P2W", "P3D", "P1Y")),
    replace(SALE, terms="They go on and on. " * 100, request_id="4"),
)
_CHANCE: Final = re.compile(
    r"\b(?:cks|pay|ref|dsp|sub|cs_test|pi|re|du|ch|in|inpay|cn|txn|evt|msg)_[0-9a-z]{12,}"
)
_MILLISECONDS: Final = re.compile(r"(?<=: )1[78]\d{8}(?:\d{3})?\b")
_INSTANT: Final = re.compile(
    r"\b20[0-9-]{8}T[0-9:.]+Z|\b1[78]\d{8}(?:\d{3})?\b|\b20[0-9-]{8}T[0-9%A]+\.?\d*Z?"
)


@dataclass
class Told:
    """A provider's stand-in, its client, and what was asked and read so far."""

    standin: Any
    api: Client
    told: list[Json] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)

    def call(self, what: str, call: Callable[[], Any]) -> Any:
        """Makes a call of the client. Returns what came of it; None where it was refused."""
        self.asked.clear()
        found: Any = None
        try:
            found = call()
            came = asdict(found)
        except ProviderError as error:
            came = {"error": f"{type(error).__name__}: {error}"}
        self.told.append({"call": what, "asked": [*self.asked], "came": came})
        return found

    def read(self, payment_id: str, session: str | None = None) -> None:
        self.call("read", lambda: self.api.read(Inquiry(self.standin.NAME, payment_id, session)))

    def refund(
        self, payment_id: str, amount: int, request: str, *, full: bool = False, reason: str = "asked for"
    ) -> None:
        wanted = WantedRefund(payment_id, request, amount, "USD", full, reason)
        self.call("refund", lambda: self.api.refund(wanted))

    def list_all(self) -> None:
        """Lists all that was made in this hour, page by page."""
        now, cursor = int(time.time() * 1000), None
        for number in range(40):
            page = self.call(f"listed {number}", partial(self.api.listed, now - HOUR, now + HOUR, cursor))
            cursor = page.cursor if page else None
            if cursor is None:
                return

    def written(self) -> list[Json]:
        """Returns what was told, without what is another in every run."""
        made: dict[str, str] = {}
        text = json.dumps(self.told, ensure_ascii=False).replace(self.standin.url, "<standin>")
        text = _CHANCE.sub(lambda one: made.setdefault(one[0], f"<{len(made) + 1}>"), text)
        found: list[Json] = json.loads(_INSTANT.sub("<now>", _MILLISECONDS.sub("1", text)))
        return found


@contextmanager
def _telling(module: Any) -> Iterator[Told]:
    standin: Standin = module.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    answer = standin.answer
    told = Told(standin, client(standin.NAME, PROVIDER_KEY, standin.url, 5.0))

    def noting(asked: Asked) -> Any:
        told.asked.append(
            {
                "line": f"{asked.method} /{'/'.join(asked.path)}",
                "query": dict(asked.query),
                "headers": {name: asked.headers[name] for name in HEADERS if name in asked.headers},
                "body": asked.raw.decode(),
            }
        )
        return answer(asked)

    standin.answer = noting  # type: ignore[method-assign] # notes the request, and answers it
    try:
        yield told
    finally:
        standin.stop()


def _sold(told: Told) -> list[str]:
    """Opens a session of each kind. Returns their ids."""
    found = [told.call("open_session", partial(told.api.open_session, sale)) for sale in SALES]
    return [one.id for one in found if one]


def dodo() -> list[Json]:
    """Sells, gives back, reads and lists at Dodo."""
    with _telling(dodo_standin) as told:
        standin: Any = told.standin
        _sold(told)
        standin.product("prod_1", {"price": 1000, "currency": "USD"})
        monthly = _sold(told)[-1]
        standin.product("prod_2", {"price": 1000, "currency": "USD"})
        sale = replace(SALE, product="other", quantity=1)
        sessions = [told.call("open_session", lambda: told.api.open_session(sale)).id for _ in range(11)]
        settled = {"settlement_currency": "EUR", "settlement_amount": 100000, "settlement_tax": 18000}
        paid = [standin.pay(one, {"tax": 20000, **settled}) for one in sessions[:2]]
        paid += [standin.pay(one, {"tax": 20000}) for one in sessions[2:]]
        names = [one["payment_id"] for one in paid]
        standin.pay(monthly, {"tax": 200})
        renewed = standin.renew(monthly, {"tax": 200})["payment_id"]
        told.refund(names[0], 30000, "req_1")
        told.refund(names[0], 30000, "req_1")
        told.refund(names[0], 10**6, "req_2")
        told.refund(names[1], 120000, "req_3", full=True, reason="")
        told.refund(renewed, 100, "req_4")
        standin.refund(sessions[2], {"amount": 5000, "status": "pending"})
        for number, status in enumerate(("opened", "lost", "won")):
            standin.dispute(sessions[3 + number], {"status": status})
        for name in (*names[:6], renewed, "pay_none"):
            told.read(name)
        told.list_all()
        standin.lose_answers = 1
        told.refund(names[7], 1000, "req_5")
        standin.down = True
        told.call("open_session", lambda: told.api.open_session(SALE))
        return told.written()


def stripe() -> list[Json]:
    """Sells, gives back, reads and lists at Stripe."""
    with _telling(stripe_standin) as told:
        standin: Any = told.standin
        sessions = _sold(told)
        plain, monthly = sessions[0], sessions[3]
        paid = standin.pay(plain, {"tax": 20000})["payment_intent"]
        first = standin.pay(monthly, {"tax": 4000})
        again = standin.renew(monthly, {"tax": 4000})
        unpaid = standin.pay(sessions[1], {"status": "processing"})
        told.refund(paid, 30000, "req_1")
        told.refund(paid, 30000, "req_1")
        told.refund(paid, 10**7, "req_2")
        told.refund(first["invoice"], 1000, "req_3")
        standin.forget()
        told.refund(paid, 30000, "req_1")
        standin.credit_note(monthly, {"amount": 500})
        standin.dispute(plain, {"amount": 12000})
        standin.dispute(plain, {"status": "lost"})
        standin.refund(plain, {"amount": 100, "charge_only": True})
        names = [
            paid,
            first["invoice"],
            first["payment_intent"],
            again["invoice"],
            again["payment_intent"],
            "pi_none",
            "in_none",
        ]
        for name in [*names, unpaid.get("payment_intent") or "pi_none2", sessions[2]]:
            for session in (None, plain, monthly, "cs_none"):
                told.read(name, session)
        for charge in [one.intent["latest_charge"] for one in standin.checkout(plain).payments]:
            told.read(charge)
        told.list_all()
        standin.down = True
        told.call("open_session", lambda: told.api.open_session(SALE))
        return told.written()


TALES: Final = {"dodo": dodo, "stripe": stripe}


@pytest.mark.parametrize("provider", TALES)
def test_every_request_and_what_is_read_of_its_answer_is_as_it_was(provider: str) -> None:
    told, kept = TALES[provider](), json.loads(FILE.read_text(encoding="utf-8"))[provider]
    assert [one["call"] for one in told] == [one["call"] for one in kept]
    for found, known in zip(told, kept, strict=True):
        assert found == known


if __name__ == "__main__":
    written = {name: tale() for name, tale in TALES.items()}
    FILE.write_text(json.dumps(written, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
