"""Searches for entries across accounts: by reference, payment, order, key or lot, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip import runtime
from scrip.domain.credits import limits
from scrip.domain.credits.ids import lot_id
from scrip.services.search import searches
from scrip.store import keys
from tests.aws import ADMIN, NEW_YEAR, NEXT_DAY, Buyer, Deployment, Key, lot_of, provider_event
from tests.http.contract import refused
from tests.http.search.streaming import index, kinds, paged, search

pytestmark = pytest.mark.usefixtures("in_memory")
JOB = {"type": "job", "id": "j_1"}
BY_JOB = {"reference": "job:j_1"}


# By reference


def test_one_reference_of_many_accounts_is_found_newest_first_whatever_share_each_is_in(
    scrip: Deployment, account: str
) -> None:
    """Forty accounts with two entries each, in all but a few of the 16 shares."""
    accounts = [f"{account}-{number}" for number in range(40)]
    for one in accounts:
        scrip.grant(one, "10", reference=JOB, clock=NEW_YEAR)
        assert scrip.burn(one, "4", reference=JOB, clock=NEXT_DAY).status == 201
    index(*accounts)
    shares = {keys.reference_share(one, "credits") for one in accounts}
    assert len(shares) > 12
    whole = search(scrip, **BY_JOB)["items"]
    assert kinds(whole) == {"grant": 40, "burn": 40}
    assert [one["kind"] for one in whole] == ["burn"] * 40 + ["grant"] * 40
    for limit in (1, 7, 39, 40, 79, 80, 81):
        assert paged(scrip, limit, **BY_JOB) == whole


def test_the_first_page_and_the_last_cost_the_same(scrip: Deployment, account: str) -> None:
    """Sixteen queries and one for the marks, whatever page it is; of ten entries each, as the limit is 50."""
    for number in range(120):
        scrip.grant(f"{account}-{number}", "1", reference=JOB)
    index(*(f"{account}-{number}" for number in range(120)))
    costs, query = [], dict(BY_JOB)
    while True:
        with scrip.calls() as made:
            page = search(scrip, limit="50", **query)
        costs.append([call.name for call in made])
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [set(cost) for cost in costs] == [{"Query"}] * 3
    assert max(map(len, costs)) <= 17 + 16
    assert min(map(len, costs)) >= 17


@pytest.mark.parametrize(("limit", "each"), [(1, 10), (80, 10), (100, 12), (1000, 125)])
def test_of_each_share_twice_its_part_of_the_page_is_read_at_first_and_at_least_ten(
    scrip: Deployment, limit: int, each: int
) -> None:
    with scrip.calls() as made:
        assert search(scrip, limit=str(limit), **BY_JOB)["items"] == []
    asked = [call.params["Limit"] for call in made if "job:j_1" in str(call.params)]
    assert asked == [each] * 16


def test_where_a_page_has_looked_at_so_many_it_ends_also_right_before_what_is_shown(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five entries of another account, five to a page: what this key may see is the sixth."""
    scrip.grant(account, "1", reference=JOB, clock=NEW_YEAR)
    for number in range(5):
        scrip.grant(f"{account}-other", "1", f"g-{number}", reference=JOB, clock=NEXT_DAY)
    index(account, f"{account}-other")
    monkeypatch.setattr(limits, "LISTED_ENTRIES", 5)
    pages, query = list[list[int]](), dict(BY_JOB)
    while "cursor" not in query or query["cursor"]:
        page = scrip.get("/v1/search", query=query, caller=Key("read", account)).body
        pages.append([one["seq"] for one in page["items"]])
        query["cursor"] = page["next_cursor"]
    assert pages == [[], [1]]


def test_all_entries_of_one_wallet_are_in_one_share_and_found_all_the_same(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100")
    for _ in range(60):
        scrip.burn(account, "1", reference=JOB)
    index(account)
    assert [one["seq"] for one in paged(scrip, 25, **BY_JOB)] == list(range(61, 1, -1))


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ({"type": "invoice", "id": "INV:1"}, "invoice:INV:1"),
        ({"type": "a b", "id": "ü/ö?&="}, "a b:ü/ö?&="),
        ({"type": ":", "id": ":"}, ":::"),
        ({"type": "t" * 200, "id": "i" * 200}, f"{'t' * 200}:{'i' * 200}"),
        ({"type": "🂡" * 200, "id": "🂢" * 200}, f"{'🂡' * 200}:{'🂢' * 200}"),
    ],
)
def test_any_reference_that_can_be_given_can_be_searched_for(
    scrip: Deployment, account: str, reference: dict[str, str], name: str
) -> None:
    scrip.grant(account, "1", reference=reference)
    index(account)
    assert [one["account"] for one in search(scrip, reference=name)["items"]] == [account]


def test_units_and_references_that_look_alike_are_apart(scrip: Deployment, account: str) -> None:
    """`job:1` and `job:10`, and an entry of another unit with the same one."""
    scrip.put("/v1/units/tokens", {"precision": 0})
    scrip.grant(account, "1", reference={"type": "job", "id": "1"})
    scrip.grant(account, "1", reference={"type": "job", "id": "10"})
    scrip.grant(account, "1", unit="tokens", reference={"type": "job", "id": "1"})
    index(account)
    index(account, unit="tokens")
    found = search(scrip, reference="job:1")["items"]
    assert sorted((one["unit"], one["seq"]) for one in found) == [("credits", 1), ("tokens", 1)]


def test_a_key_of_one_account_finds_that_accounts_entries_alone(scrip: Deployment, account: str) -> None:
    """Of a thousand and one entries of others it reads past a thousand, and goes on by the cursor."""
    mine, theirs = f"{account}-mine", f"{account}-theirs"
    scrip.grant(mine, "1", reference=JOB, clock=NEW_YEAR)
    scrip.grant(theirs, "2000", clock=NEW_YEAR)
    for number in range(12):
        burns = [{"amount": "1", "reference": JOB, "key": f"{number}-{one}"} for one in range(90)]
        body = {"burns": burns}
        answer = scrip.post(f"/v1/accounts/{theirs}/burns/batch", body, clock=NEXT_DAY)
        assert answer.status == 200, answer.text
    index(mine)
    index(theirs)
    bound = Key("read", mine)
    first = scrip.get("/v1/search", query=BY_JOB, caller=bound)
    assert first.body["items"] == []
    query = {**BY_JOB, "cursor": first.body["next_cursor"]}
    second = scrip.get("/v1/search", query=query, caller=bound)
    assert [one["account"] for one in second.body["items"]] == [mine]
    assert limits.LISTED_ENTRIES == 1000


def test_a_page_of_a_lots_entries_looks_at_so_many_of_the_wallet_and_at_no_more(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve entries, two at a time, five to a page, which are six: the lot's own, the oldest, is on the second."""
    monkeypatch.setattr(limits, "LISTED_ENTRIES", 5)
    monkeypatch.setattr(searches, "READ_AT_ONCE", 2)
    for number in range(12):
        scrip.grant(account, "1", f"g-{number}")
    query = {"lot": lot_of(account, 1), "account": account}
    first = search(scrip, **query)
    assert (first["items"], first["next_cursor"] is None) == ([], False)
    second = search(scrip, **query, cursor=first["next_cursor"])
    assert ([one["seq"] for one in second["items"]], second["next_cursor"]) == ([1], None)


# By payment and by order


@pytest.fixture
def buyer(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    made = Buyer(scrip, provider, account)
    made.order()
    return made


def test_a_payments_entries_and_its_order_are_one_call(scrip: Deployment, buyer: Buyer) -> None:
    """Paid, refunded for a half and again for a quarter: the grant and two clawbacks, without the stream."""
    payment = buyer.pays()
    scrip.deliver(payment)
    name = f"dodo:{payment['data']['payment_id']}"
    for amount in (50_000, 25_000):
        scrip.deliver(buyer.gets_back(amount))
    for query in ({"payment": name}, {"topup": buyer.topup["topup_id"]}):
        found = search(scrip, **query)
        assert [(one["kind"], one["seq"]) for one in found["items"]] == [
            ("clawback", 3),
            ("clawback", 2),
            ("grant", 1),
        ]
        assert found["topup_id"] == buyer.topup["topup_id"]
        assert {one["account"] for one in found["items"]} == {buyer.account}
        for limit in (1, 2, 3):
            assert paged(scrip, limit, **query) == found["items"]


@pytest.mark.parametrize("revisions", [1, 2, 3, 4])
def test_a_page_of_a_payments_entries_looks_at_so_many_of_its_revisions(
    scrip: Deployment, buyer: Buyer, monkeypatch: pytest.MonkeyPatch, revisions: int
) -> None:
    """And at no other entry of the wallet: its order's page looks at as many, however much was burned since."""
    scrip.deliver(buyer.pays())
    for _ in range(2):
        scrip.deliver(buyer.gets_back(25_000))
    for _ in range(3):
        scrip.burn(buyer.account, "1")
    topup = {"topup": buyer.topup["topup_id"]}
    whole = search(scrip, **topup)["items"]
    assert [one["kind"] for one in whole] == ["clawback", "clawback", "grant"]
    monkeypatch.setattr(searches, "REVISIONS", revisions)
    monkeypatch.setattr(searches, "READ_AT_ONCE", 1)
    monkeypatch.setattr(limits, "LISTED_ENTRIES", 1)
    assert len(search(scrip, **topup)["items"]) == min(revisions, 3)
    for limit in (1, 2, 3):
        assert paged(scrip, limit, **topup) == whole


def test_what_a_clawback_wrote_off_is_the_payments_too(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """All of it was burned, and the unit writes off what nobody can give back."""
    scrip.put("/v1/units/credits", {"precision": 6, "policy": {"refund_shortfall": "write_off"}})
    buyer = Buyer(scrip, provider, account)
    buyer.order()
    payment = buyer.pays()
    scrip.deliver(payment)
    scrip.burn(account, "10000")
    scrip.deliver(buyer.gets_back(100_000))
    found = search(scrip, payment=f"dodo:{payment['data']['payment_id']}")["items"]
    assert [one["kind"] for one in found] == ["write_off", "clawback", "grant"]


def subscribed(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    """Somebody who has paid the first month of 10 000 credits a month."""
    provider.product("pdt_monthly", {"price": 10000, "currency": "USD"})
    terms: dict[str, Any] = {
        "price": {"amount": 10000, "currency": "USD"},
        "provider_refs": {"dodo": "pdt_monthly"},
    }
    buyer = Buyer(scrip, provider, account, recurring={"every": "P1M"}, **terms)
    assert buyer.order().status == 201
    scrip.deliver(buyer.pays())
    return buyer


def test_all_payments_of_a_subscription_are_found_by_its_order(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """Three months of 10 000 credits, of which all was burned, and the last was half given back: the unit writes off
    what nobody has. A burn is none of it, nor is a grant that only says the same of itself; nor an end, which nobody
    asked for."""
    scrip.put("/v1/units/credits", {"precision": 6, "policy": {"refund_shortfall": "write_off"}})
    scrip.grant(account, "1", clock="2020-01-01T00:00:00Z", expires_at="2020-01-02T00:00:00Z")
    buyer = subscribed(scrip, provider, account)
    scrip.burn(account, "1")
    for _ in range(2):
        renewed = provider.renew(buyer.session, {"webhook": False})
        scrip.deliver(provider_event("payment.succeeded", provider.payment(renewed["payment_id"])))
    scrip.burn(account, "29999")
    scrip.deliver(buyer.gets_back(5000))
    scrip.grant(account, "5", metadata={"topup_id": buyer.topup["topup_id"]})
    topup = {"topup": buyer.topup["topup_id"]}
    whole = search(scrip, **topup)
    assert [(one["kind"], one["seq"]) for one in whole["items"]] == [
        ("write_off", 9),
        ("clawback", 8),
        ("grant", 6),
        ("grant", 5),
        ("grant", 3),
    ]
    assert whole["topup_id"] == buyer.topup["topup_id"]
    for limit in (1, 2, 4, 5):
        assert paged(scrip, limit, **topup) == whole["items"]


def test_a_subscription_by_which_a_wallet_began_is_found_from_its_first_entry_on(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = subscribed(scrip, provider, account)
    found = search(scrip, topup=buyer.topup["topup_id"])["items"]
    assert [(one["kind"], one["seq"]) for one in found] == [("grant", 1)]


def test_an_order_that_nobody_paid_has_no_entries_and_is_named(scrip: Deployment, buyer: Buyer) -> None:
    found = search(scrip, topup=buyer.topup["topup_id"])
    assert (found["items"], found["topup_id"]) == ([], buyer.topup["topup_id"])


@pytest.mark.parametrize(
    "query", [{"payment": "dodo:pay_nobodys"}, {"payment": "nobody:pay_1"}, {"topup": "top_x"}]
)
def test_what_nobody_has_heard_of_has_nothing(scrip: Deployment, query: dict[str, str]) -> None:
    found = scrip.get("/v1/search", query=query, clock=NEW_YEAR).body
    assert found == {"items": [], "next_cursor": None, "complete_through": NEW_YEAR}


def test_a_key_of_another_account_finds_nothing_of_a_payment(scrip: Deployment, buyer: Buyer) -> None:
    payment = buyer.pays()
    scrip.deliver(payment)
    name = f"dodo:{payment['data']['payment_id']}"
    for query in ({"payment": name}, {"topup": buyer.topup["topup_id"]}):
        own = scrip.get("/v1/search", query=query, caller=Key("read", buyer.account))
        assert len(own.body["items"]) == 1
        other = scrip.get("/v1/search", query=query, caller=Key("read", "another"))
        assert (other.body["items"], "topup_id" in other.body) == ([], False)


# By key and by lot


def test_a_key_leads_to_its_entry_in_each_unit(scrip: Deployment, account: str) -> None:
    scrip.put("/v1/units/tokens", {"precision": 0})
    scrip.grant(account, "5", key="same", clock=NEW_YEAR)
    scrip.grant(account, "5", key="same", unit="tokens", clock=NEXT_DAY)
    scrip.grant(account, "5", key="other")
    whole = search(scrip, key="same", account=account)["items"]
    assert [one["unit"] for one in whole] == ["tokens", "credits"]
    assert paged(scrip, 1, key="same", account=account) == whole
    for unit in ("credits", "tokens"):
        (one,) = search(scrip, key="same", account=account, unit=unit)["items"]
        assert one["unit"] == unit
    assert search(scrip, key="nobody's", account=account)["items"] == []


def test_a_key_of_an_order_leads_to_the_order(scrip: Deployment, buyer: Buyer) -> None:
    found = search(scrip, key="order-1", account=buyer.account)
    assert (found["items"], found["topup_id"]) == ([], buyer.topup["topup_id"])


def test_what_these_5_were_for_is_one_call(scrip: Deployment, account: str) -> None:
    """A lot of 5: two burns took 3 and 1 of it, a void the last one. Another lot is none of its business."""
    scrip.grant(account, "5", clock=NEW_YEAR, priority=1)
    scrip.grant(account, "9", clock=NEW_YEAR)
    for amount in ("3", "1"):
        assert scrip.burn(account, amount, clock=NEW_YEAR).status == 201
    scrip.move(account, "lots/lot_1/void", clock=NEW_YEAR)
    scrip.burn(account, "2", clock=NEXT_DAY)
    found = search(scrip, lot=lot_of(account, 1), account=account)["items"]
    assert [(one["seq"], one["kind"]) for one in found] == [
        (5, "void"),
        (4, "burn"),
        (3, "burn"),
        (1, "grant"),
    ]
    for limit in (1, 2, 3, 4):
        assert paged(scrip, limit, lot=lot_of(account, 1), account=account) == found
    assert [one["seq"] for one in search(scrip, lot=lot_of(account, 2), account=account)["items"]] == [6, 2]


def test_a_lot_of_another_account_or_unit_is_not_found(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "5")
    refused(scrip.get("/v1/search", query={"lot": lot_of("other", 1), "account": account}), 404, "not_found")
    wrong = {"lot": lot_id(account, "credits", 1), "account": account, "unit": "tokens"}
    refused(scrip.get("/v1/search", query=wrong), 404, "not_found")


def test_a_list_of_a_lot_that_the_timeline_is_behind_with_does_not_say_that_it_is_complete(
    scrip: Deployment, account: str
) -> None:
    """The wallet is at its second entry, and the index knows of one."""
    scrip.grant(account, "5")
    lot = {"lot": lot_of(account, 1), "account": account}
    assert search(scrip, **lot)["complete_through"] is not None
    tables = runtime.tables()
    tables.client.update_item(
        TableName="wallets",
        Key={"pk": {"S": keys.wallet(account, "credits")}, "sk": {"S": "wallet"}},
        UpdateExpression="SET version = :two",
        ExpressionAttributeValues={":two": {"N": "2"}},
    )
    assert search(scrip, **lot)["complete_through"] is None


def test_answers_from_the_ledgers_own_keys_are_complete_at_the_requests_instant(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "5", key="one", clock=NEW_YEAR)
    for query in ({"key": "one"}, {"lot": lot_of(account, 1)}):
        answer = scrip.get("/v1/search", query={**query, "account": account}, clock=NEXT_DAY)
        assert answer.body["complete_through"] == NEXT_DAY


# What is refused

MANY = "send exactly one of reference, payment, topup, key, lot"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({}, ["reference"]),
        ({"account": "acme"}, ["reference"]),
        ({"limit": "3"}, ["reference"]),
        ({"reference": "job:1", "payment": "dodo:p"}, ["payment"]),
        ({"reference": "job:1", "key": "k", "lot": "l", "account": "acme"}, ["key", "lot"]),
        ({"topup": "t", "payment": "dodo:p"}, ["topup"]),
        ({"reference": "job:1", "account": "acme"}, ["account"]),
        ({"payment": "dodo:p", "unit": "credits"}, ["unit"]),
        ({"topup": "t", "account": "acme", "unit": "credits"}, ["account", "unit"]),
        ({"key": "k"}, ["account"]),
        ({"lot": lot_id("acme", "credits", 1)}, ["account"]),
        ({"key": "k", "account": "no account"}, ["account"]),
        ({"key": "k", "account": "acme", "unit": "no unit"}, ["unit"]),
        ({"key": " k", "account": "acme"}, ["key"]),
        ({"key": "", "account": "acme"}, ["key"]),
        ({"key": "k" * 256, "account": "acme"}, ["key"]),
        ({"lot": "lot_1", "account": "acme"}, ["lot"]),
        ({"lot": "", "account": "acme"}, ["lot"]),
        ({"reference": ""}, ["reference"]),
        ({"reference": "job"}, ["reference"]),
        ({"reference": ":1"}, ["reference"]),
        ({"reference": "job:"}, ["reference"]),
        ({"reference": "j" * 402}, ["reference"]),
        ({"reference": "job:" + "1" * 398}, ["reference"]),
        ({"payment": "pay_1"}, ["payment"]),
        ({"payment": "dodo:"}, ["payment"]),
        ({"payment": "Dodo:p"}, ["payment"]),
        ({"payment": "dodo:" + "p" * 201}, ["payment"]),
        ({"topup": ""}, ["topup"]),
        ({"topup": "a b"}, ["topup"]),
        ({"reference": "job:1", "limit": "0"}, ["limit"]),
        ({"reference": "job:1", "limit": "1001"}, ["limit"]),
        ({"reference": "job:1", "cursor": "x"}, ["cursor"]),
        ({"reference": "job:1", "refrence": "job:1"}, ["refrence"]),
    ],
)
def test_a_search_that_is_not_right_names_what_is_wrong(
    scrip: Deployment, query: dict[str, str], fields: list[str]
) -> None:
    answer = scrip.get("/v1/search", query=query)
    assert (answer.status, answer.fields) == (400, fields)


def test_a_cursor_of_another_search_is_refused(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "5")
    scrip.burn(account, "1")
    lot = {"lot": lot_of(account, 1), "account": account}
    cursor = search(scrip, limit="1", **lot)["next_cursor"]
    answer = scrip.get("/v1/search", query={**BY_JOB, "cursor": cursor})
    assert (answer.status, answer.fields) == (400, ["cursor"])


@pytest.mark.parametrize("query", [{"key": "k"}, {"lot": lot_id("acme", "credits", 1)}])
def test_a_key_of_another_account_may_not_ask_for_an_account(
    scrip: Deployment, query: dict[str, str]
) -> None:
    asked = {**query, "account": "acme"}
    refused(scrip.get("/v1/search", query=asked, caller=Key("read", "other")), 403, "forbidden")
    assert (
        scrip.get("/v1/search", query={"key": "k", "account": "acme"}, caller=Key("read", "acme")).status
        == 200
    )
    assert ADMIN.scope == "admin"
