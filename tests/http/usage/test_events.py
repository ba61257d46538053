"""Events of usage, from the request to the entry: each burned once for ever by its source and id (law 3)."""

from __future__ import annotations

import pytest

from tests.aws import Context, Deployment, Fault, Key
from tests.http.contract import refused
from tests.http.usage.reported import AT, CARD, accepted, used


@pytest.mark.usefixtures("calls")
def test_each_event_becomes_an_entry_of_its_own(scrip: Deployment, account: str) -> None:
    """100 credits, and events of 3 and of 1.5 calls: 6 and 3 credits, 91 are left."""
    scrip.grant(account, "100", clock=AT)
    events = [
        used("a", account, "3", time="2029-12-31T23:00:00+02:00", data={"dimensions": {"model": "x"}}),
        used("b", account, "1.5", data={"member": "ann", "tags": {"team": "search"}}),
    ]
    accepted(scrip.report(*events, clock=AT), 2)
    assert scrip.book_usage() == []
    _, first, second = scrip.entries(account)
    assert (first["kind"], first["amount"], second["amount"]) == ("burn", "-6", "-3")
    assert first["event"] == {"source": "/api", "id": "a"}
    assert first["usage"] == {
        "meter": "calls",
        "quantity": "3",
        "dimensions": {"model": "x"},
        "rate_version": 1,
        "time": "2029-12-31T21:00:00.000Z",
    }
    assert (first["at"], first["actor"]) == (AT, "key:k1")
    assert (second["member"], second["tags"]) == ("ann", {"team": "search"})
    assert scrip.balance(account, clock=AT)["available"] == "91"
    scrip.sound(account)


@pytest.mark.usefixtures("calls")
def test_law_3_an_event_is_burned_once_however_often_and_in_whatever_order_it_comes(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", clock=AT)
    events = [used(str(number), account) for number in range(10)]
    accepted(scrip.report(*events, *events[:4], clock=AT), 14)
    accepted(scrip.report(*events[::-1], clock=AT), 10)
    messages = scrip.used()
    assert scrip.book_usage(messages[::-1]) == []
    assert scrip.book_usage(messages) == []
    assert len(scrip.entries(account)) == 11
    assert scrip.balance(account, clock=AT)["available"] == "80"
    assert scrip.told("scrip.usage") == []


@pytest.mark.usefixtures("calls")
def test_law_3_a_source_and_an_id_are_one_name_and_no_two_make_the_same(
    scrip: Deployment, account: str
) -> None:
    """Other sources, and names that read alike when they are joined, are other events; another account has others."""
    names = [
        ("/a", "1"),
        ("/b", "1"),
        ("/a", "2"),
        ("a:b", "c"),
        ("a", "b:c"),
        ("a", 'b","c'),
        ('a","b', "c"),
    ]
    for other in (account, f"{account}-2"):
        scrip.grant(other, "100", clock=AT)
        accepted(scrip.report(*[used(id_, other, source=source) for source, id_ in names], clock=AT), 7)
    assert scrip.book_usage() == []
    for other in (account, f"{account}-2"):
        found = {(one["event"]["source"], one["event"]["id"]) for one in scrip.entries(other)[1:]}
        assert found == set(names)


@pytest.mark.usefixtures("calls")
def test_law_3_the_same_name_with_another_body_is_rejected_and_the_first_one_stands(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", clock=AT)
    accepted(scrip.report(used("a", account), used("a", account, "2"), clock=AT), 2)
    assert scrip.book_usage() == []
    (told,) = scrip.told("scrip.usage.rejected")
    assert (told["subject"], told["data"]["reason"]) == (account, "idempotency_key_reused")
    assert told["data"]["event"]["data"] == {"quantity": "2"}
    assert told["data"]["detail"] == (
        "an event of the source /api with the id a was burned before, with another quantity: "
        "give another event an id of its own"
    )
    assert scrip.balance(account, clock=AT)["available"] == "98"


def test_what_differs_from_the_first_of_a_name_is_told(scrip: Deployment, account: str) -> None:
    for meter in (f"a-{account}", f"b-{account}"):
        assert scrip.put(f"/v1/rates/{meter}", CARD, clock="2029-01-01T00:00:00Z").status == 201
    scrip.grant(account, "100", clock=AT)
    of = {"type": f"a-{account}"}
    data = {"dimensions": {"m": "x"}, "member": "ann", "tags": {"t": "1"}}
    others = [
        (used("a", account, type=f"b-{account}", data=data), "another meter:"),
        (
            used("a", account, "7", **of, data={**data, "member": "bob"}),
            "another quantity and another member:",
        ),
        (used("a", account, **of, data={**data, "dimensions": {}}), "other dimensions:"),
        (used("a", account, **of, data={**data, "tags": {"t": "2"}}), "other tags:"),
    ]
    accepted(scrip.report(used("a", account, **of, data=data), *[one for one, _ in others], clock=AT), 5)
    assert scrip.book_usage() == []
    details = [one["data"]["detail"] for one in scrip.told("scrip.usage.rejected")]
    assert [any(said in detail for detail in details) for _, said in others] == [True] * 4
    assert scrip.balance(account, clock=AT)["available"] == "98"


@pytest.mark.usefixtures("calls")
def test_law_3_an_event_that_is_made_anew_with_the_time_of_now_is_the_same(
    scrip: Deployment, account: str
) -> None:
    """SDKs fill in the time where nobody says one: the first one's stands, in one commit and later, and with none."""
    scrip.grant(account, "100", clock=AT)
    later = "2030-01-01T00:00:03.000Z"
    accepted(scrip.report(used("a", account), used("a", account, time=later), clock=AT), 2)
    assert scrip.book_usage() == []
    never = used("a", account)
    del never["time"]
    accepted(scrip.report(used("a", account, time="2029-12-31T00:00:00Z"), never, clock=later), 2)
    assert scrip.book_usage() == []
    assert scrip.told("scrip.usage") == []
    (burned,) = [one for one in scrip.entries(account) if one["kind"] == "burn"]
    assert burned["usage"]["time"] == AT
    assert scrip.balance(account, clock=later)["available"] == "98"


@pytest.mark.usefixtures("calls")
def test_an_event_without_a_time_is_of_when_it_came_and_is_the_same_when_it_comes_again(
    scrip: Deployment, account: str
) -> None:
    event = used("a", account)
    del event["time"]
    for clock in (AT, "2030-01-02T00:00:00Z"):
        scrip.grant(account, "100", clock=clock)
        accepted(scrip.report(event, clock=clock), 1)
        assert scrip.book_usage() == []
    assert scrip.told("scrip.usage") == []
    (burned,) = [one for one in scrip.entries(account) if one["kind"] == "burn"]
    assert burned["usage"]["time"] == AT


def test_a_late_event_has_the_price_of_its_time_and_is_paid_by_the_lots_of_the_present(
    scrip: Deployment, account: str
) -> None:
    """Two credits a call until the 10th, three since; the old lot ended on the 12th, and it is the 20th."""
    meter = f"m-{account}"
    assert scrip.put(f"/v1/rates/{meter}", CARD, clock="2030-01-01T00:00:00Z").status == 201
    dearer = {"unit": "credits", "price": {"model": "per_unit", "credits": "3"}}
    dearer["effective_at"] = "2030-01-10T00:00:00Z"
    assert scrip.put(f"/v1/rates/{meter}", dearer, clock="2030-01-01T00:00:00Z").status in (200, 201)
    scrip.grant(account, "50", expires_at="2030-01-12T00:00:00Z", clock="2030-01-02T00:00:00Z")
    scrip.grant(account, "50", clock="2030-01-15T00:00:00Z")
    now = "2030-01-20T00:00:00Z"
    events = [
        used("early", account, type=meter, time="2030-01-09T23:59:59.999Z"),
        used("late", account, type=meter, time="2030-01-10T00:00:00Z"),
    ]
    accepted(scrip.report(*events, clock=now), 2)
    assert scrip.book_usage() == []
    early, late = scrip.entries(account)[-2:]
    assert [(one["amount"], one["usage"]["rate_version"]) for one in (early, late)] == [("-2", 1), ("-3", 2)]
    assert early["at"] == "2030-01-20T00:00:00.000Z"
    assert scrip.balance(account, clock=now)["available"] == "45"
    scrip.sound(account)


@pytest.mark.parametrize(
    ("time", "taken"),
    [
        ("2029-11-28T00:00:00.000Z", True),
        ("2029-11-27T23:59:59.999Z", False),
        ("2030-01-01T00:05:00.000Z", True),
        ("2030-01-01T00:05:00.001Z", False),
    ],
    ids=["34 days ago", "a moment longer ago", "five minutes ahead", "a moment further ahead"],
)
@pytest.mark.usefixtures("calls")
def test_an_event_comes_within_its_units_window(
    scrip: Deployment, account: str, time: str, taken: bool
) -> None:
    answer = scrip.report(used("a", account, time=time), clock=AT)
    accepted(answer, int(taken), {} if taken else {0: ["time"]})


def test_a_units_own_window_is_shorter(scrip: Deployment, account: str) -> None:
    unit, meter = f"u-{account}", f"m-{account}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": {"usage_window": "PT1H"}}).status == 201
    card = {"unit": unit, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/{meter}", card, clock="2029-01-01T00:00:00Z").status == 201
    events = [
        used("a", account, type=meter, time="2029-12-31T23:00:00Z"),
        used("b", account, type=meter, time="2029-12-31T22:59:59Z"),
    ]
    accepted(scrip.report(*events, clock=AT), 1, {1: ["time"]})


@pytest.mark.usefixtures("calls")
def test_what_credits_do_not_pay_for_is_owed_whatever_the_overdraft_says(
    scrip: Deployment, account: str
) -> None:
    """Three credits pay for one and a half of five calls: seven are owed, and the next grant repays them."""
    scrip.grant(account, "3", clock=AT)
    accepted(scrip.report(used("a", account, "5"), clock=AT), 1)
    assert scrip.book_usage() == []
    balance = scrip.balance(account, clock=AT)
    assert (balance["available"], balance["owed"]) == ("0", "7")
    scrip.grant(account, "10", clock=AT)
    assert scrip.balance(account, clock=AT)["available"] == "3"
    scrip.sound(account)


def test_a_unit_may_have_what_credits_do_not_pay_for_rejected(scrip: Deployment, account: str) -> None:
    """Of 5 credits, and an overdraft of 1: three calls of two are taken, and then none."""
    unit, meter = f"u-{account}", f"m-{account}"
    policy = {"unpaid_usage": "reject", "overdraft_limit": "1"}
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": policy}).status == 201
    card = {"unit": unit, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/{meter}", card, clock="2029-01-01T00:00:00Z").status == 201
    scrip.grant(account, "5", unit=unit, clock=AT)
    accepted(scrip.report(*[used(str(n), account, type=meter) for n in range(4)], clock=AT), 4)
    assert scrip.book_usage() == []
    (told,) = scrip.told("scrip.usage.rejected")
    assert (told["data"]["reason"], told["time"]) == ("insufficient_credits", AT)
    assert scrip.balance(account, query={"unit": unit}, clock=AT)["owed"] == "1"


@pytest.mark.usefixtures("calls")
def test_one_message_that_has_to_come_again_keeps_no_other(scrip: Deployment, account: str) -> None:
    """The bus takes nothing, so that what is rejected cannot be told: its message comes again, the other is done."""
    frozen = f"{account}-f"
    for one in (account, frozen):
        scrip.grant(one, "10", clock=AT)
    scrip.move(frozen, "freeze", reason="x", clock=AT)
    accepted(scrip.report(used("a", account), clock=AT), 1)
    accepted(scrip.report(used("a", frozen), clock=AT), 1)
    messages = scrip.used()
    with scrip.refusing():
        assert scrip.book_usage(messages) == [messages[1]["messageId"]]
    assert scrip.book_usage([messages[1]]) == []
    assert len(scrip.told("scrip.usage.rejected")) == 1
    assert scrip.balance(account, clock=AT)["available"] == "8"


@pytest.mark.usefixtures("calls")
def test_a_key_of_one_account_reports_that_accounts_usage_alone(scrip: Deployment, account: str) -> None:
    bound = Key("burn", account)
    answer = scrip.report(used("a", account, time=None), used("b", "other", time=None), caller=bound)
    accepted(answer, 1, {1: ["subject"]})
    reads = Key("read")
    refused(scrip.report(used("a", account), caller=reads), 403, "forbidden", scope="burn")


@pytest.mark.usefixtures("calls")
def test_what_a_budget_refuses_is_rejected_alone(scrip: Deployment, account: str) -> None:
    """A budget of five credits a day, and ann has one of two a month of her own: of her three calls of two credits each
    one is taken, of four others one, and the last is of a single credit's worth."""
    budgets = f"/v1/accounts/{account}/budgets"
    scrip.grant(account, "100", clock=AT)
    assert scrip.put(f"{budgets}/day", {"limit": "5", "every": "P1D"}, clock=AT).status == 201
    own = {"limit": "2", "every": "P1M", "member": "*"}
    assert scrip.put(f"{budgets}/each", own, clock=AT).status == 201
    events = [used(f"ann-{n}", account, data={"member": "ann"}) for n in range(3)]
    events += [used(f"all-{n}", account) for n in range(4)]
    events.append(used("half", account, "0.5"))
    accepted(scrip.report(*events, clock=AT), 8)
    assert scrip.book_usage() == []
    told = scrip.told("scrip.usage.rejected")
    assert {one["data"]["reason"] for one in told} == {"budget_exceeded"}
    rejected = {one["data"]["event"]["id"] for one in told}
    burned = {one["event"]["id"] for one in scrip.entries(account) if one["kind"] == "burn"}
    assert (len(burned), rejected & burned) == (3, set())
    assert "half" in burned
    assert len([name for name in burned if name.startswith("ann")]) <= 1
    assert scrip.balance(account, clock=AT)["available"] == "95"
    scrip.sound(account)


def test_a_late_event_counts_in_its_own_period(scrip: Deployment, account: str) -> None:
    """Ten of each month are free. Eight and eight of December and eight of January, however they come: six are paid."""
    meter = f"m-{account}"
    tiers = [{"up_to": 10, "credits": "0"}, {"up_to": None, "credits": "1"}]
    card = {
        "unit": "credits",
        "price": {"model": "graduated", "over": "P1M", "time_zone": "UTC", "tiers": tiers},
    }
    assert scrip.put(f"/v1/rates/{meter}", card, clock="2029-11-01T00:00:00Z").status == 201
    now = "2030-01-02T00:00:00Z"
    scrip.grant(account, "100", clock=now)
    times = {"a": "2029-12-31T23:00:00Z", "b": "2030-01-01T01:00:00Z", "c": "2029-12-31T22:00:00Z"}
    events = [used(id_, account, "8", type=meter, time=time) for id_, time in times.items()]
    for event in events:
        accepted(scrip.report(event, clock=now), 1)
    messages = scrip.used()
    assert scrip.book_usage(messages[::-1]) == []
    assert scrip.book_usage(messages) == []
    assert scrip.balance(account, clock=now)["available"] == "94"
    paid = {one["event"]["id"]: one["amount"] for one in scrip.entries(account)[1:]}
    assert (paid["b"], sorted((paid["a"], paid["c"]))) == ("0", ["-6", "0"])
    scrip.sound(account)


@pytest.mark.usefixtures("calls")
def test_an_accounts_own_price_is_that_of_the_events_time(scrip: Deployment, account: str) -> None:
    """Two credits a call, and one for this account since the 5th: an event of before costs two."""
    own = {"price": {"model": "per_unit", "credits": "1"}}
    scrip.grant(account, "100", clock="2030-01-05T00:00:00Z")
    put = scrip.put(f"/v1/accounts/{account}/rates/calls", own, clock="2030-01-05T00:00:00Z")
    assert put.status == 201, put.text
    times = ("2030-01-04T23:59:59Z", "2030-01-05T00:00:01Z")
    events = [used(time, account, time=time) for time in times]
    accepted(scrip.report(*events, clock="2030-01-06T00:00:00Z"), 2)
    assert scrip.book_usage() == []
    assert [one["amount"] for one in scrip.entries(account)[-2:]] == ["-2", "-1"]
    scrip.sound(account)


@pytest.mark.usefixtures("calls")
def test_what_may_succeed_a_moment_later_is_tried_again_and_then_comes_again(
    scrip: Deployment, account: str
) -> None:
    """A table that throttles for a while costs nothing but time; for longer, the message comes again, and is done."""
    throttled = Fault.error("ProvisionedThroughputExceededException")
    scrip.grant(account, "100", clock=AT)
    accepted(scrip.report(used("a", account), used("b", account), clock=AT), 2)
    (message,) = scrip.used()
    with scrip.broken("BatchGetItem", throttled, times=1):
        scrip.cold()
        assert scrip.book_usage([message]) == [message["messageId"]]
    with scrip.broken("TransactWriteItems", throttled, times=2):
        assert scrip.book_usage([message]) == []
    assert scrip.balance(account, clock=AT)["available"] == "96"


@pytest.mark.usefixtures("calls")
def test_law_3_a_lost_answer_and_another_writer_burn_nothing_twice(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=AT)
    accepted(scrip.report(used("a", account), used("b", account), clock=AT), 2)
    (message,) = scrip.used()
    with scrip.broken("TransactWriteItems", Fault.timeout, lost=True):
        scrip.book_usage([message])
    with scrip.meanwhile(lambda: scrip.burn(account, "1", clock=AT)):
        assert scrip.book_usage([message]) == []
    assert scrip.book_usage([message]) == []
    left = {one["event"]["id"] for one in scrip.entries(account) if "event" in one}
    assert left == {"a", "b"}
    assert scrip.balance(account, clock=AT)["available"] in ("95", "96")
    scrip.sound(account)


@pytest.mark.usefixtures("calls")
def test_a_consumer_whose_time_is_up_leaves_its_messages(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=AT)
    accepted(scrip.report(used("a", account), clock=AT), 1)
    (message,) = scrip.used()
    assert scrip.book_usage([message], Context(10_000)) == [message["messageId"]]
    assert scrip.balance(account, clock=AT)["available"] == "100"
    assert scrip.book_usage([message]) == []
    assert scrip.balance(account, clock=AT)["available"] == "98"
