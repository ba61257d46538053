"""Law 9: what is posted for a payment is what its facts ask for, and payment, order and grant name each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip.domain.payments.facts import Fact, Paid, PartOf, PaymentFacts, Refund, Unpaid
from scrip.domain.payments.payment import Payment
from scrip.domain.wallets.position import Position
from scrip.services.verification.payments import check_payment
from scrip.store import documents, keys
from scrip.store.tables import Tables as Stored
from tests.aws import Buyer, Deployment, InMemory
from tests.http.payments import refunds
from tests.services.verification.damage import Tables
from tests.services.verification.surveys import Verify

pytestmark = pytest.mark.usefixtures("small_in_memory")


def bought(buyer: Buyer) -> str:
    """A payment of 1 000.00 USD for 10 000 credits, of which 300.00 went back; its id."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid, buyer.gets_back(30000))
    return str(paid["data"]["payment_id"])


POSTED = {"lot": 1, "clawed": 3000 * 10**6, "refunded": 30000, "forgiven": 0}
NO_FACTS = [{"what": "?"}]
PAYMENTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "less clawed back",
        {"posted": {**POSTED, "clawed": 0}},
        "credits clawed back and 30000 refunded, 0 and",
    ),
    ("less refunded", {"posted": {**POSTED, "refunded": 1}}, "3000000000 and 1 are posted"),
    ("credit given again", {"kept": 10000}, "should have 1000000000 credits given again, 0 are posted"),
    ("nothing granted", {"posted": {**POSTED, "lot": 0}}, "is paid and nothing is granted for it"),
    ("another lot", {"posted": {**POSTED, "lot": 9}}, "says that its lot is 9, its entry"),
    ("another wallet", {"account": "somebody-else"}, "is not in the ledger of somebody-else/credits"),
    ("no wallet", {"account": None}, "does not say which wallet"),
    ("no unit", {"unit": None}, "does not say which wallet"),
    ("no order", {"topup_id": None}, "the order None of payment"),
    ("more given again", {"posted": {**POSTED, "credited": 1}}, "should have 0 credits given again, 1 are"),
    ("more money kept", {"posted": {**POSTED, "kept": 1}}, "should have 0 credits given again, 0 are posted"),
    (
        "other tax",
        {"posted": {**POSTED, "tax": 1, "facts": {"refund:r": 30000}}},
        "should have 0 of tax refunded, 1 is posted",
    ),
    (
        "not paid, and yet posted",
        {"facts": [], "posted": {**POSTED, "lot": 0}},
        "is not paid and something is posted for it",
    ),
    ("another order", {"topup_id": "top_none"}, "the order top_none"),
    ("facts that are none", {"facts": NO_FACTS}, "cannot be read"),
]


@pytest.mark.parametrize(("name", "changes", "what"), PAYMENTS, ids=[row[0] for row in PAYMENTS])
def test_a_payment_that_stands_elsewhere_than_its_facts_say_is_found(
    buyer: Buyer, verify: Verify, name: str, changes: dict[str, Any], what: str
) -> None:
    payment_id = bought(buyer)
    report = verify()
    assert (report["payments"], report["findings"]["count"]) == (1, 0)
    Tables(buyer.scrip, buyer.account).payment(payment_id, **changes)
    found = {one.get("payment", one["account"]): one for one in verify()["findings"]["items"]}
    assert what in found[f"dodo:{payment_id}"]["what"]
    assert found[f"dodo:{payment_id}"]["kind"] == "payment"
    lot = changes.get("posted", POSTED)["lot"] if changes.get("facts") != NO_FACTS else 0
    assert found[f"dodo:{payment_id}"].get("seq") == (lot or None)
    told, entry = (
        found[f"dodo:{payment_id}"].get("entry_id"),
        buyer.scrip.entries(buyer.account)[0]["entry_id"],
    )
    assert bool(told) == bool(lot), "without a lot there is no entry"
    assert (told == entry) == (bool(lot) and not changes.keys() & {"account", "unit"})


def test_the_wallet_says_too_that_its_lot_gave_back_something_else(buyer: Buyer, verify: Verify) -> None:
    """Law 8: 300.00 of lot 1 were refunded."""
    payment_id = bought(buyer)
    Tables(buyer.scrip, buyer.account).payment(payment_id, posted={**POSTED, "refunded": 29999})
    (finding,) = [one for one in verify()["findings"]["items"] if "payment" not in one]
    assert (finding["account"], finding["seq"]) == (buyer.account, 1)
    assert finding["what"] == f"lot 1 gave 30000 back, payment dodo:{payment_id} says 29999"


@pytest.mark.parametrize(
    "changes", [{"posted": {**POSTED, "lot": 9}}, {"account": "somebody-else"}, {"unit": "images"}], ids=str
)
def test_the_wallet_says_too_that_its_grants_payment_is_of_something_else(
    buyer: Buyer, verify: Verify, changes: dict[str, Any]
) -> None:
    payment_id = bought(buyer)
    Tables(buyer.scrip, buyer.account).payment(payment_id, **changes)
    (finding,) = [one for one in verify()["findings"]["items"] if "payment" not in one]
    assert (finding["account"], finding["seq"]) == (buyer.account, 1)
    assert finding["what"] == f"payment dodo:{payment_id} does not point back at entry 1"


def test_a_grant_whose_payment_is_gone_is_found(buyer: Buyer, verify: Verify) -> None:
    payment_id = bought(buyer)
    key: Any = {"pk": {"S": keys.payment("dodo", payment_id)}, "sk": {"S": "head"}}
    buyer.scrip.dynamodb.delete_item(TableName="wallets", Key=key)
    (finding,) = verify()["findings"]["items"]
    assert (finding["seq"], finding["what"]) == (
        1,
        f"entry 1 is of payment dodo:{payment_id}, which is not there",
    )


def rewrite(buyer: Buyer, **changes: Any) -> None:
    """Writes other members into the buyer's order, past Scrip."""
    key: Any = {"pk": {"S": keys.topup(buyer.topup["topup_id"])}, "sk": {"S": "head"}}
    item: Any = buyer.scrip.dynamodb.get_item(TableName="wallets", Key=key)["Item"]
    item["body"] = {"S": json.dumps({**json.loads(item["body"]["S"]), **changes})}
    buyer.scrip.dynamodb.put_item(TableName="wallets", Item=item)


@pytest.mark.parametrize(
    "changes",
    [{"payment_id": None}, {"payment_id": "pay_gone"}, {"account": "somebody"}, {"unit": "images"}],
    ids=str,
)
def test_an_order_that_does_not_point_back_is_found(
    buyer: Buyer, verify: Verify, changes: dict[str, Any]
) -> None:
    bought(buyer)
    rewrite(buyer, **changes)
    (finding,) = verify()["findings"]["items"]
    assert (finding["account"], finding["unit"]) == (buyer.account, "credits")
    assert "does not point back at payment" in finding["what"]


def test_an_order_that_points_at_another_orders_payment_is_found(buyer: Buyer, verify: Verify) -> None:
    """Each buyer's own is sound; after the change the first payment has no order that names it or a later one."""
    first = bought(buyer)
    other = Buyer(buyer.scrip, buyer.provider, f"{buyer.account}-b")
    second = bought(other)
    assert verify()["findings"]["count"] == 0
    rewrite(buyer, payment_id=second)
    (finding,) = verify()["findings"]["items"]
    assert finding["payment"] == f"dodo:{first}"
    assert "does not point back at payment" in finding["what"]


def test_an_order_that_points_at_its_last_renewal_points_back_at_all_of_its_payments(
    buyer: Buyer, verify: Verify, provider: Provider
) -> None:
    provider.product("pdt_month", {"price": 100_000})
    refs = {"dodo": "pdt_month"}
    monthly = Buyer(
        buyer.scrip, provider, f"{buyer.account}-c", recurring={"every": "P1M"}, provider_refs=refs
    )
    monthly.order()
    began = len(provider.said)
    provider.pay(monthly.session, {"webhook": False})
    provider.renew(monthly.session, {"webhook": False})
    buyer.scrip.deliver(*provider.said[began:])
    assert monthly.kinds == [("grant", "10000"), ("grant", "10000")]
    report = verify()
    assert (report["payments"], report["findings"]["count"]) == (2, 0)


def test_a_parked_payment_is_listed_and_no_finding(buyer: Buyer, verify: Verify) -> None:
    buyer.order()
    paid = buyer.pays()
    paid["data"]["total_amount"] -= 1
    buyer.scrip.deliver(paid)
    report = verify()
    assert report["findings"]["count"] == 0
    assert report["parked"] == {"count": 1, "payments": [f"dodo:{paid['data']['payment_id']}"]}


def test_a_grant_by_hand_that_names_a_payment_is_no_payments_grant(
    scrip: Deployment, account: str, verify: Verify
) -> None:
    scrip.grant(account, "10", reference={"type": "payment", "id": "dodo:pay_by_hand"})
    assert verify()["findings"]["count"] == 0


def test_what_became_credit_instead_of_money_counts_as_given_back(buyer: Buyer, verify: Verify) -> None:
    """240.00 of 1 000.00 USD became credit. A payment that says less of it than its lot does is found."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid)
    payment_id = paid["data"]["payment_id"]
    body = {"as": "credit", "amount": 24000, "reason": "asked for"}
    assert buyer.scrip.post(f"/v1/payments/dodo/{payment_id}/refunds", body, key="r").status == 201
    assert verify()["findings"]["count"] == 0
    posted = buyer.scrip.payment(payment_id)["posted"]
    Tables(buyer.scrip, buyer.account).payment(payment_id, posted={**posted, "kept": posted["kept"] - 1})
    (finding,) = [one for one in verify()["findings"]["items"] if "payment" not in one]
    gave = posted["refunded"] + posted["kept"]
    assert finding["what"] == f"lot 1 gave {gave} back, payment dodo:{payment_id} says {gave - 1}"


def test_a_payment_that_waited_until_all_of_it_went_back_is_no_finding(buyer: Buyer, verify: Verify) -> None:
    """900.00 USD were paid of 1 000.00: it waits. All of it goes back: nobody waits, and nothing was granted."""
    buyer.order()
    buyer.scrip.deliver(buyer.pays(total_amount=90000))
    assert verify()["parked"]["count"] == 1
    buyer.scrip.deliver(buyer.gets_back(90000))
    report = verify()
    assert (report["parked"]["count"], report["findings"]["count"]) == (0, 0)


def test_what_became_credit_stays_so_where_less_is_said_to_have_been_paid(
    buyer: Buyer, verify: Verify
) -> None:
    """Of 1 200.00 USD 600.00 became credit, half of the credits; then 1 000.00 is said of the same payment."""
    paid = refunds.paid_at_a_gateway_of_ones_own(buyer)
    assert paid.credit(amount=60000).status == 201
    data = {"payment_id": paid.payment_id, "topup_id": buyer.topup["topup_id"], "currency": "USD"}
    refunds.tell(buyer.scrip, "payment.succeeded", {**data, "amount": 100000, "tax": 0})
    assert paid.seen["parked"]
    assert verify()["findings"]["count"] == 0
    assert paid.resolve(action="accept", topup_id=buyer.topup["topup_id"]).status == 200
    assert verify()["findings"]["count"] == 0


def test_a_payment_whose_document_is_broken_does_not_end_the_verification(
    buyer: Buyer, verify: Verify
) -> None:
    """It has lost its revision: payment and wallet are found, each by what it lacks."""
    payment_id = bought(buyer)
    tables = Tables(buyer.scrip, buyer.account)
    key: Any = {"pk": {"S": keys.payment("dodo", payment_id)}, "sk": {"S": "head"}}
    item: Any = tables.client.get_item(TableName="wallets", Key=key)["Item"]
    del item["rev"]
    tables.put("wallets", item)
    report = verify()
    assert report["done"] is True
    found = {one.get("payment", one["account"]): one["what"] for one in report["findings"]["items"]}
    assert found == {
        f"dodo:{payment_id}": f"payment dodo:{payment_id} cannot be read: KeyError",
        buyer.account: f"entry 1 is of payment dodo:{payment_id}, which is not there",
    }


def test_what_was_posted_before_its_facts_were_named_says_nothing_of_tax(
    buyer: Buyer, verify: Verify
) -> None:
    """Nor is anything said of a payment that waits for a person, though its refund took nothing back."""
    payment_id = bought(buyer)
    tables = Tables(buyer.scrip, buyer.account)
    tables.payment(payment_id, posted={**POSTED, "tax": 1})
    found = verify()["findings"]["items"]
    assert [one["what"] for one in found] == [
        f"lot 1 gave 0 of tax back and lost 0, payment dodo:{payment_id} says 1 and 0"
    ]
    tables.payment(payment_id, posted={**POSTED, "lost": 2})
    assert [one["what"] for one in verify()["findings"]["items"]] == [
        f"lot 1 gave 0 of tax back and lost 0, payment dodo:{payment_id} says 0 and 2"
    ]
    tables.payment(payment_id, posted={**POSTED, "clawed": 0}, parked=["looked at"])
    assert verify()["findings"]["count"] == 0


PAID = Paid(1000, 0, "USD", 1)
GONE = Refund("r1", "succeeded", 1000, "USD", 2)
STATES: list[tuple[str, dict[str, Any], tuple[Fact, ...], str | None]] = [
    ("is paid", {}, (PAID,), "is paid and nothing is granted for it"),
    ("is nobody's yet", {}, (), None),
    ("has failed", {}, (Unpaid("failed", 1),), None),
    ("waits", {"parked": ("no order",)}, (PAID,), None),
    ("was looked at", {"dismissed": ("no order",)}, (PAID,), None),
    ("is not ours", {"foreign": True}, (PAID,), None),
    ("was of nothing", {}, (Paid(0, 0, "USD", 1),), None),
    ("was of two amounts", {}, (PAID, Paid(900, 0, "USD", 1)), None),
    ("went back", {}, (PAID, GONE), None),
    ("went back in part", {}, (PAID, replace(GONE, amount=999)), "is paid and nothing is granted for it"),
    ("is a part", {}, (PAID, PartOf("whole")), None),
    (
        "is a part of which something is posted",
        {"posted": Position(refunded=1)},
        (PAID, PartOf("whole")),
        "is not paid and something is posted for it",
    ),
    (
        "has failed and something is posted",
        {"posted": Position(lot=1)},
        (Unpaid("failed", 1),),
        "is not paid and something is posted for it",
    ),
    (
        "is a part that has a lot",
        {"posted": Position(lot=1)},
        (PAID, PartOf("whole")),
        "does not say which wallet its lot 1 is in",
    ),
]


@pytest.mark.parametrize(("name", "members", "facts", "what"), STATES, ids=[row[0] for row in STATES])
def test_of_a_payment_that_has_no_lot_it_is_known_why(
    name: str, members: dict[str, Any], facts: tuple[Fact, ...], what: str | None
) -> None:
    payment = Payment("dodo", "p1", facts=PaymentFacts().merge_all(facts), **members)
    tables = Stored(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    documents.put(tables, keys.payment("dodo", "p1"), 0, payment.to_json())
    checked = check_payment(tables, "dodo", "p1")
    assert checked.payment == payment
    assert (checked.discrepancy and checked.discrepancy.what) == (what and f"payment dodo:p1 {what}")


def monthly(buyer: Buyer, provider: Provider) -> Buyer:
    """A subscription of which a month is paid for."""
    provider.product("pdt_month", {"price": 100_000})
    refs = {"dodo": "pdt_month"}
    made = Buyer(buyer.scrip, provider, f"{buyer.account}-m", recurring={"every": "P1M"}, provider_refs=refs)
    made.order()
    began = len(provider.said)
    provider.pay(made.session, {"webhook": False})
    made.scrip.deliver(*provider.said[began:])
    return made


def test_an_order_that_names_a_later_payment_which_waits_points_back_at_the_first(
    buyer: Buyer, verify: Verify, provider: Provider
) -> None:
    """The second month is paid with 900.00 of 1 000.00 USD. Its payment is of the order, though nothing is granted; one
    that waits for another order is not."""
    month = monthly(buyer, provider)
    first = provider.checkout(month.session).payments[0].id
    began = len(provider.said)
    second = provider.renew(month.session, {"webhook": False, "total_amount": 90_000})["payment_id"]
    month.scrip.deliver(*provider.said[began:])
    assert [kind for kind, _ in month.kinds] == ["grant"]
    rewrite(month, payment_id=second)
    report = verify()
    assert (report["payments"], report["parked"]["count"], report["findings"]["count"]) == (2, 1, 0)
    buyer.order()
    waits = buyer.pays(total_amount=90_000)
    buyer.scrip.deliver(waits)
    for payment_id in (waits["data"]["payment_id"], "pay_gone"):
        rewrite(month, payment_id=payment_id)
        (finding,) = verify()["findings"]["items"]
        assert finding["payment"] == f"dodo:{first}"
        assert "does not point back at payment" in finding["what"]


def test_of_two_payments_whose_one_document_is_broken_the_other_is_sound(
    buyer: Buyer, verify: Verify
) -> None:
    payment_id = bought(buyer)
    buyer.order(key="order-2")
    buyer.scrip.deliver(buyer.pays())
    assert verify()["findings"]["count"] == 0
    tables = Tables(buyer.scrip, buyer.account)
    key: Any = {"pk": {"S": keys.payment("dodo", payment_id)}, "sk": {"S": "head"}}
    item: Any = tables.client.get_item(TableName="wallets", Key=key)["Item"]
    del item["rev"]
    tables.put("wallets", item)
    found = {one.get("payment", one["account"]): one["seq"] for one in verify()["findings"]["items"]}
    assert found == {f"dodo:{payment_id}": None, buyer.account: 1}


@pytest.mark.parametrize("back_to", [1, 2], ids=["before the grant", "before the refund"])
def test_a_wallet_put_back_with_its_payments_has_only_a_ledger_that_is_ahead(
    buyer: Buyer, verify: Verify, back_to: int
) -> None:
    """Of what the wallet has not counted, its payments are not asked: they are as old as it is."""
    scrip, tables = buyer.scrip, Tables(buyer.scrip, buyer.account)
    scrip.grant(buyer.account, "10", "g")
    buyer.order()
    paid = buyer.pays()
    payment = keys.payment("dodo", paid["data"]["payment_id"])
    steps: list[Callable[[], object]] = [
        lambda: scrip.deliver(paid),
        lambda: scrip.deliver(buyer.gets_back(30000)),
    ]
    for step in steps[: back_to - 1]:
        step()
    before = [
        item for item in scrip.everything() if item["pk"]["S"] in (tables.pk, payment) and "tl" not in item
    ]
    for step in steps[back_to - 1 :]:
        step()
    now = [
        item for item in scrip.everything() if item["pk"]["S"] in (tables.pk, payment) and "tl" not in item
    ]
    for item in now:
        tables.delete("wallets", item)
    for item in before:
        tables.put("wallets", item)
    (finding,) = verify()["findings"]["items"]
    assert (finding["kind"], finding["first"], finding["last"]) == ("ledger_ahead", back_to + 1, 3)
    assert finding["findings"] == 3 - back_to, "each entry is one too many"


def test_a_grant_that_names_a_payment_and_another_lot_ends_in_findings(buyer: Buyer, verify: Verify) -> None:
    """Law 4: the row says that the payment's lot is lot 7, which no entry has."""
    bought(buyer)
    tables = Tables(buyer.scrip, buyer.account)
    row = tables.entry(1)
    body = json.loads(row["body"]["S"])
    body["extra"]["lot"]["seq"] = 7
    tables.put("ledger", {**row, "body": {"S": json.dumps(body)}})
    found = verify()["findings"]["items"]
    assert (found[0]["account"], found[0]["kind"], found[0]["seq"]) == (buyer.account, "broken", 1)
