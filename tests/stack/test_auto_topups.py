"""A wallet is topped up by itself on the deployed functions, each held to its own role: once, whoever crosses the
threshold, and never beyond its cap."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from scrip.http.edge.parameters import format_instant
from tests.stack.conftest import App
from tests.stack.test_buying import provider, status
from tests.stack.test_events import Queue

pytestmark = pytest.mark.long
"""Many at once, at each provider: minutes of a machine of two processors."""

Json = dict[str, Any]
HOUR = 3_600_000
PACK = {
    "credits": "1000",
    "price": {"amount": 10_000, "currency": "USD"},
    "provider_refs": {"dodo": "pdt_1k", "dodo_on_demand": "pdt_od"},
}


class Wallet:
    """A wallet whose buyer let the provider's method be kept, and its automatic top-up."""

    def __init__(self, stack: App, account: str, name: str) -> None:
        self.stack, self.account, self.name = stack, account, name
        stack.client.put(f"/v1/packs/{account}", json=PACK).raise_for_status()
        body = {"account": account, "pack": account, "provider": name, "save_payment_method": True}
        body |= {"return_url": "https://shop.example/", "accept_terms": True}
        answer = stack.post("/v1/topups", body)
        assert answer.status_code == 201, answer.text
        order = answer.json()
        provider(order, "pay", {})
        stack.eventually(lambda: status(stack, order, "paid"))
        self.path = f"/v1/accounts/{account}/auto-topup"

    def put(self, **more: Any) -> Json:
        wanted = {"threshold": "100", "pack": self.account, "provider": self.name}
        answer = self.stack.client.put(self.path, json={**wanted, **more})
        assert answer.status_code == 200, answer.text
        said: Json = answer.json()
        return said

    @property
    def known(self) -> Json:
        return self.stack.get(self.path)

    @property
    def orders(self) -> list[Json]:
        """Its automatic orders."""
        items = self.stack.get("/v1/topups", account=self.account)["items"]
        return [one for one in items if one["automatic"]]

    def is_in(self, state: str, reason: str | None = None) -> bool:
        known = self.known
        return (known["state"], known["reason"]) == (state, reason)

    def come(self, what: str) -> None:
        """What becomes of charges from now on."""
        httpx.post(
            f"{self.stack.standins[self.name].url}/charges", json={"come": what}, trust_env=False
        ).raise_for_status()

    def until(self, what: Callable[[], Any]) -> Any:
        """Waits for it, while the schedule runs, too: the reader may hear of a new one half a minute late."""

        def found() -> Any:
            if not (said := what()):
                self.stack._invoke("AutoTopupFunction", {"time": format_instant(int(time.time() * 1000))})
                time.sleep(1)
            return said

        return self.stack.eventually(found, 100)

    def burns(self, count: int, amount: str) -> Counter[int]:
        """So many at once; their statuses."""
        with ThreadPoolExecutor(count) as pool:
            answers = list(pool.map(lambda _: self.stack.burn(self.account, amount), range(count)))
        return Counter(answer.status_code for answer in answers)


@pytest.fixture(params=["stripe", "dodo"])
def wallet(stack: App, account: str, request: pytest.FixtureRequest) -> Iterator[Wallet]:
    made = Wallet(stack, account, request.param)
    yield made
    made.come("succeeded")


@pytest.fixture
def heard(stack: App, account: str) -> Iterator[Queue]:
    pattern = {
        "source": ["scrip"],
        "detail": {"subject": [account]},
        "detail-type": [{"prefix": "scrip.auto"}],
    }
    queue = Queue(stack, pattern)
    yield queue
    queue.close()


def test_burns_that_cross_the_threshold_together_are_one_charge(
    wallet: Wallet, heard: Queue, clients: int
) -> None:
    """Laws 1, 3 and 4: each takes 57 or 100 of 1 000 at once; all that cross 100 together are one order."""
    stack = wallet.stack
    assert wallet.put()["state"] == "ready"
    wallet.burns(clients, str(920 // clients))
    wallet.until(lambda: [one for one in wallet.orders if one["status"] == "paid"])
    left = 1000 - clients * (920 // clients)
    stack.eventually(lambda: stack.balance(wallet.account)["available"] == str(1000 + left))
    stack.eventually(lambda: wallet.is_in("ready"))
    time.sleep(2)
    assert len(wallet.orders) == 1
    assert [one["type"] for one in heard.take()] == ["scrip.auto_topup.started", "scrip.auto_topup.succeeded"]
    assert wallet.known["spent"]["count"] == 1
    assert stack.verify(wallet.account)["findings"] == []


def test_the_cap_holds_however_much_is_burned_at_once(wallet: Wallet, clients: int) -> None:
    """Two charges a month at most, and sixteen that burn whatever comes: 3 000 credits at most are ever there."""
    stack = wallet.stack
    wallet.put(cap={"count": 2})
    burned = Counter[int]()
    deadline = time.monotonic() + 100
    while not wallet.is_in("backing_off", "cap_reached"):
        assert time.monotonic() < deadline
        burned += wallet.burns(clients, "110")
    burned += wallet.burns(clients, "110")
    time.sleep(1)
    assert (len(wallet.orders), wallet.known["spent"]["count"]) == (2, 2)
    assert burned[201] * 110 + int(stack.balance(wallet.account)["available"]) == 3000
    assert stack.verify(wallet.account)["findings"] == []


def test_a_decline_is_tried_again_by_the_schedule_and_reminds_the_buyer(wallet: Wallet) -> None:
    stack = wallet.stack
    wallet.put()
    wallet.come("declined")
    wallet.burns(1, "950")
    wallet.until(lambda: wallet.is_in("backing_off", "declined"))
    runs = stack.eventually(lambda: stack.get(f"/v1/accounts/{wallet.account}/dunning")["items"])
    assert [run["reason"] for run in runs] == ["auto_topup_failed"]
    wallet.come("succeeded")
    stack._invoke("AutoTopupFunction", {"time": format_instant(int(time.time() * 1000) + HOUR)})
    stack.eventually(lambda: stack.balance(wallet.account)["available"] == "1050")
    assert [one["status"] for one in wallet.orders] == ["paid"]
    stack.eventually(
        lambda: stack.get(f"/v1/accounts/{wallet.account}/dunning")["items"][0]["status"] == "paid"
    )
