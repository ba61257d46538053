"""Orders and payments, listed: newest first, each once, by what became of them, to a key of one account its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Buyer, Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.payments.refunds import TOTAL, Paid, lonely, paid

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


def listed(scrip: Deployment, what: str, name: str, **query: str) -> list[Any]:
    """A member of what a list has, page by page, from the first to the last."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = scrip.get(f"/v1/{what}", query={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status == 200, answer.text
        found += [item[name] for item in answer.body["items"]]
        cursor = answer.body["next_cursor"]
    return found


@pytest.mark.parametrize(
    ("what", "query", "together"),
    [
        ("topups", {}, 2),
        ("topups", {"status": "paid"}, 101),
        ("payments", {}, 2),
        ("payments", {"status": "refunded"}, 101),
        ("payments", {"status": "parked"}, 1),
        ("payments", {"status": "parked", "account": "ann"}, 100),
    ],
)
def test_where_nothing_is_passed_over_no_more_is_looked_at_than_is_wanted(
    scrip: Deployment, what: str, query: dict[str, str], together: int
) -> None:
    """One more says whether a page is the last; of the index its answer does."""
    with scrip.calls() as made:
        assert scrip.get(f"/v1/{what}", query={**query, "limit": "1"}).status == 200
    assert [call.params["Limit"] for call in made if call.name == "Query"] == [together]


class TestOrders:
    @pytest.fixture
    def ordered(self, buyer: Buyer) -> list[str]:
        """Three orders of the buyer's, on the first three days of 2030, and one of another account."""
        made = []
        for day in (1, 2, 3):
            answer = buyer.scrip.post(
                "/v1/topups", buyer.wants(), key=f"o{day}", clock=f"2030-01-0{day}T00:00:00.000Z"
            )
            assert answer.status == 201, answer.text
            made.append(answer.body["topup_id"])
        other = buyer.wants(account=f"{buyer.account}.b")
        assert buyer.scrip.post("/v1/topups", other, key="o").status == 201
        return made

    def test_newest_first_each_once(self, buyer: Buyer, ordered: list[str]) -> None:
        mine = {"account": buyer.account}
        assert listed(buyer.scrip, "topups", "topup_id", **mine) == ordered[::-1]
        assert listed(buyer.scrip, "topups", "topup_id", **mine, limit="2") == ordered[::-1]
        everybodys = listed(buyer.scrip, "topups", "topup_id", limit="1000")
        assert [one for one in everybodys if one in ordered] == ordered[::-1]

    def test_by_when_they_were_made_both_ends_included(self, buyer: Buyer, ordered: list[str]) -> None:
        first, second, third = (f"2030-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))
        ask = {"account": buyer.account}
        assert listed(buyer.scrip, "topups", "topup_id", **ask, **{"from": second}) == ordered[:0:-1]
        assert listed(buyer.scrip, "topups", "topup_id", **ask, to=second) == ordered[1::-1]
        both = {"from": second, "to": second}
        assert listed(buyer.scrip, "topups", "topup_id", **ask, **both) == [ordered[1]]
        swapped = {"from": third, "to": first}
        assert listed(buyer.scrip, "topups", "topup_id", **ask, **swapped) == []

    def test_by_what_became_of_them(self, buyer: Buyer, ordered: list[str]) -> None:
        """Of three open orders one is cancelled; a day after the last all others are over."""
        assert buyer.scrip.post(f"/v1/topups/{ordered[1]}/cancel", {}).status == 200
        ask = {"account": buyer.account, "status": "cancelled"}
        assert listed(buyer.scrip, "topups", "topup_id", **ask) == [ordered[1]]
        query = {"account": buyer.account, "status": "expired"}
        answer = buyer.scrip.get("/v1/topups", query=query, clock="2030-01-03T00:00:00.000Z")
        assert [one["topup_id"] for one in answer.body["items"]] == [ordered[0]]
        invalid(buyer.scrip.get("/v1/topups", query={"status": "lost"}), "status")

    def test_an_account_that_only_orders_is_an_account(self, buyer: Buyer, ordered: list[str]) -> None:
        query = {"prefix": buyer.account}
        accounts = [one["account"] for one in buyer.scrip.get("/v1/accounts", query=query).body["items"]]
        assert accounts == [buyer.account, f"{buyer.account}.b"]

    def test_a_key_of_one_account_sees_its_own(self, buyer: Buyer, ordered: list[str]) -> None:
        mine = Key("read", buyer.account)
        answer = buyer.scrip.get("/v1/topups", caller=mine)
        assert [one["topup_id"] for one in answer.body["items"]] == ordered[::-1]
        query = {"account": f"{buyer.account}.b"}
        refused(buyer.scrip.get("/v1/topups", caller=mine, query=query), 403, "forbidden")


class TestPayments:
    def test_a_payment_is_listed_with_the_first_that_is_heard_of_it(self, buyer: Buyer) -> None:
        payment = paid(buyer)
        for query in ({"account": buyer.account}, {"topup": buyer.topup["topup_id"]}):
            assert listed(buyer.scrip, "payments", "payment_id", **query) == [payment.payment_id]
        assert payment.payment_id in listed(buyer.scrip, "payments", "payment_id", limit="1000")
        assert listed(buyer.scrip, "payments", "payment_id", topup="top_none") == []
        other = {"topup": buyer.topup["topup_id"], "account": f"{buyer.account}.b"}
        assert listed(buyer.scrip, "payments", "payment_id", **other) == []

    def test_which_order_is_this_payments_is_one_call(self, buyer: Buyer) -> None:
        paid(buyer)
        (found,) = buyer.scrip.get("/v1/payments", query={"account": buyer.account}).body["items"]
        assert (found["topup_id"], found["status"]) == (buyer.topup["topup_id"], "paid")
        assert found["heard_at"].endswith("Z")

    def test_by_how_they_stand(self, buyer: Buyer) -> None:
        """Paid; then a third of it is refunded."""
        payment = paid(buyer)
        mine = {"account": buyer.account}
        assert listed(buyer.scrip, "payments", "payment_id", **mine, status="paid") == [payment.payment_id]
        assert listed(buyer.scrip, "payments", "payment_id", **mine, status="refunded") == []
        buyer.scrip.deliver(buyer.gets_back(TOTAL // 3))
        assert listed(buyer.scrip, "payments", "payment_id", **mine, status="paid") == []
        found = listed(buyer.scrip, "payments", "payment_id", **mine, status="partially_refunded")
        assert found == [payment.payment_id]
        invalid(buyer.scrip.get("/v1/payments", query={"status": "lost"}), "status")

    def test_one_of_nobody_is_listed_and_comes_into_its_accounts_list_when_it_is_somebodys(
        self, buyer: Buyer
    ) -> None:
        """It names an order's session that there is not; a person accepts it for the buyer's order."""
        buyer.scrip.deliver(lonely(buyer, f"pay_{buyer.account}"))
        name = f"pay_{buyer.account}"
        assert name in listed(buyer.scrip, "payments", "payment_id", limit="1000")
        assert name in listed(buyer.scrip, "payments", "payment_id", status="parked", limit="1")
        mine = {"account": buyer.account}
        assert listed(buyer.scrip, "payments", "payment_id", **mine) == []
        assert listed(buyer.scrip, "payments", "payment_id", **mine, status="parked") == []
        heard = listed(buyer.scrip, "payments", "heard_at", limit="1000")[0]
        accepted = Paid(buyer, name).resolve(
            action="accept", topup_id=buyer.topup["topup_id"], reason="it is theirs"
        )
        assert accepted.status in (200, 201), accepted.text
        assert listed(buyer.scrip, "payments", "payment_id", **mine) == [name]
        assert listed(buyer.scrip, "payments", "heard_at", **mine) == [heard]

    def test_a_key_of_one_account_sees_its_own(self, buyer: Buyer) -> None:
        payment = paid(buyer)
        answer = buyer.scrip.get("/v1/payments", caller=Key("read", buyer.account))
        assert [one["payment_id"] for one in answer.body["items"]] == [payment.payment_id]
        stranger = Key("read", f"{buyer.account}.b")
        assert buyer.scrip.get("/v1/payments", caller=stranger).body["items"] == []
        query = {"account": buyer.account}
        refused(buyer.scrip.get("/v1/payments", caller=stranger, query=query), 403, "forbidden")
        mine = {"topup": buyer.topup["topup_id"]}
        assert buyer.scrip.get("/v1/payments", caller=stranger, query=mine).body["items"] == []
