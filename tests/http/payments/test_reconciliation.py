"""Reconciliation: what providers list against what is here (laws 8 and 9). Stand-ins over HTTP, through the providers'
SDKs. 10 000 credits for 1 000.00 USD; webhooks arrive where a test delivers them, and only there."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.standins.dodo import Provider
from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.facts import Dispute, Fact, Paid, PartOf, Refund
from scrip.domain.payments.reconciliation import DAY_MS, KINDS, date_of, day_of
from scrip.http.edge.parameters import format_instant
from scrip.http.payments.reconciliation import finding_rows
from scrip.providers.clients import DeliveryPage, ProviderRefused, ProviderUnavailable
from scrip.services.payments import reconciliation
from scrip.services.payments.reconciliation import Outcome, Run
from scrip.store import documents, keys
from tests.aws import Buyer, Context, Deployment, Fault, Json
from tests.http.contract import refused
from tests.http.payments.test_lookups import kinds, order_at_stripe

pytestmark = pytest.mark.usefixtures("in_memory")


HOUR = 3_600_000


FIRST, SECOND = HOUR, 2 * HOUR
"""Two runs of one pass, so much later than what happened: the first feeds, the second judges."""


TODAY = datetime.now(UTC).date()


@pytest.fixture
def buyer(scrip: Deployment, dodo: Provider, account: str) -> Buyer:
    return Buyer(scrip, dodo, account)


def at(milliseconds: int) -> str:
    return format_instant(runtime.now() + milliseconds)


def reconciled(scrip: Deployment) -> Json:
    """A whole pass: fed, applied, judged. The outcome of each provider, by name."""
    scrip.reconcile(at(FIRST))
    assert scrip.apply(scrip.queued()) == []
    return {outcome["provider"]: outcome for outcome in scrip.reconcile(at(SECOND))}


def report(scrip: Deployment, provider: str = "dodo", date: str | None = None) -> Json:
    query = {"provider": provider, **({"date": date} if date else {})}
    answer = scrip.get("/v1/reports/reconciliation", query=query)
    assert answer.status == 200, answer.text
    body: Json = answer.body
    return body


def counts(found: Json) -> dict[str, int]:
    """How many there are of each kind, none left out."""
    return {kind: found[kind]["count"] for kind in KINDS if found[kind]["count"]}


# Missed: what no webhook told is fed through the fold


def test_a_payment_whose_webhooks_were_all_lost_is_granted(scrip: Deployment, buyer: Buyer) -> None:
    """Dodo gives up after 28 hours; its list does not."""
    buyer.order()
    payment_id = buyer.pays(tax=20_000)["data"]["payment_id"]
    assert scrip.reconcile(at(FIRST)) == [
        {
            "provider": "dodo",
            "done": False,
            "ended": False,
            "fed": 1,
            "findings": 0,
            "error": None,
            "stopped_at": None,
        }
    ]
    assert scrip.apply(scrip.queued()) == []
    assert (buyer.kinds, buyer.status) == ([("grant", "10000")], "paid")
    assert buyer.lot["tax"] == {"amount": 20_000, "currency": "USD"}
    assert scrip.reconcile(at(SECOND)) == [
        {
            "provider": "dodo",
            "done": True,
            "ended": True,
            "fed": 0,
            "findings": 0,
            "error": None,
            "stopped_at": None,
        }
    ]
    found = report(scrip)
    assert counts(found) == {"missed": 1}
    (missed,) = found["missed"]["items"]
    assert missed == {
        "payment_id": payment_id,
        "about": "payment",
        "reasons": ["paid 120000 USD"],
        "theirs": 120_000,
        "ours": None,
        "currency": None,
        "topup_id": None,
        "account": None,
    }
    scrip.sound(buyer.account)


def test_a_refund_and_a_dispute_whose_webhooks_were_lost_are_clawed_back(
    scrip: Deployment, buyer: Buyer
) -> None:
    """2 500 of 10 000 refunded, then 5 000 of 10 000 lost to a bank: 30 000 and 60 000 of 120 000 with tax."""
    buyer.order()
    scrip.deliver(buyer.pays(tax=20_000))
    buyer.gets_back(30_000)
    dispute = {"webhook": False, "status": "lost", "amount": 60_000}
    buyer.provider.dispute(buyer.session, dispute)
    outcome = reconciled(scrip)["dodo"]
    assert (outcome["ended"], outcome["findings"]) == (True, 0)
    assert buyer.kinds == [("grant", "10000"), ("clawback", "-7500")]
    assert counts(report(scrip)) == {"missed": 2}
    scrip.sound(buyer.account)


def test_what_webhooks_told_is_not_missed(scrip: Deployment, buyer: Buyer) -> None:
    """Nothing is fed and nothing found, and the pass is over in one run: there is nothing to wait for."""
    buyer.order()
    scrip.deliver(buyer.pays(tax=20_000), buyer.gets_back(30_000))
    assert scrip.reconcile(at(FIRST)) == [
        {
            "provider": "dodo",
            "done": True,
            "ended": True,
            "fed": 0,
            "findings": 0,
            "error": None,
            "stopped_at": None,
        }
    ]
    found = report(scrip)
    assert counts(found) == {}
    # The payment, and its refund in a list of its own.
    assert (found["listed"], found["findings"], found["date"]) == (2, 0, TODAY.isoformat())
    assert found["last_pass"]["ended_at"] == found["checked_at"] != None  # noqa: E711


def test_a_failed_attempt_is_neither_missed_nor_a_finding(scrip: Deployment, buyer: Buyer) -> None:
    buyer.order()
    buyer.provider.pay(buyer.session, {"webhook": False, "status": "failed"})
    assert scrip.reconcile(at(FIRST))[0]["done"]
    assert (counts(report(scrip)), report(scrip)["listed"]) == ({}, 1)


# Findings


def test_a_payment_that_was_not_granted_is_reported_with_its_reasons(scrip: Deployment, buyer: Buyer) -> None:
    """90 000 where the order costs 100 000: parked."""
    buyer.order()
    scrip.deliver(buyer.pays(total_amount=90_000))
    outcome = reconciled(scrip)["dodo"]
    assert outcome["findings"] == 1
    found = report(scrip)
    assert counts(found) == {"paid_without_grant": 1}
    (finding,) = found["paid_without_grant"]["items"]
    assert finding["reasons"] == ["paid 90000 USD without tax, the order costs 100000 USD"]
    assert (finding["theirs"], finding["ours"], finding["currency"]) == (90_000, None, "USD")


def test_a_payment_that_names_no_order_is_reported_until_a_person_has_looked_at_it(
    scrip: Deployment, buyer: Buyer
) -> None:
    """Another system's, say: its session is none of ours."""
    buyer.order()
    paid = buyer.pays()
    paid["data"]["checkout_session_id"] = buyer.provider.checkout(buyer.session).payments[0].data[
        "checkout_session_id"
    ] = "cks_other"
    scrip.deliver(paid)
    assert reconciled(scrip)["dodo"]["findings"] == 1
    payment_id = paid["data"]["payment_id"]
    (finding,) = report(scrip)["paid_without_grant"]["items"]
    assert (finding["payment_id"], finding["reasons"]) == (
        payment_id,
        ["no order has the checkout session cks_other"],
    )
    stored = documents.get(runtime.tables(), keys.payment("dodo", payment_id))
    settled = {**stored.body, "dismissed": finding["reasons"], "parked": [], "parked_at": None}
    documents.put(runtime.tables(), stored.pk, stored.rev, settled)
    # With the next day the next pass begins, and looks at the one before again, whatever hour it is now.
    midnight = (day_of(runtime.now() + SECOND) + 1) * DAY_MS
    assert scrip.reconcile(format_instant(midnight))[0]["findings"] == 0
    assert counts(report(scrip)) == {}


def test_what_was_granted_for_a_payment_the_provider_does_not_know_is_reported(
    scrip: Deployment, buyer: Buyer
) -> None:
    buyer.order()
    paid = buyer.pays()
    scrip.deliver(paid)
    buyer.provider.checkout(buyer.session).payments.clear()
    assert scrip.reconcile(at(FIRST))[0]["findings"] == 1
    (finding,) = report(scrip)["grant_without_payment"]["items"]
    assert (finding["payment_id"], finding["theirs"], finding["ours"]) == (
        paid["data"]["payment_id"],
        None,
        100_000,
    )
    assert (finding["reasons"], finding["account"]) == (["dodo does not know it"], buyer.account)


def test_what_was_granted_for_a_payment_the_provider_does_not_call_paid_is_reported(
    scrip: Deployment, buyer: Buyer
) -> None:
    buyer.order()
    scrip.deliver(buyer.pays())
    buyer.provider.checkout(buyer.session).payments[0].data["status"] = "failed"
    assert scrip.reconcile(at(FIRST))[0]["findings"] == 1
    (finding,) = report(scrip)["grant_without_payment"]["items"]
    assert finding["reasons"] == ["dodo does not call it paid"]


def test_a_payment_that_the_provider_counts_to_another_day_is_asked_for_and_no_finding(
    scrip: Deployment, buyer: Buyer
) -> None:
    """Made there a week ago, told here today: no list of the last days has it, but it is there."""
    buyer.order()
    scrip.deliver(buyer.pays())
    data = buyer.provider.checkout(buyer.session).payments[0].data
    data["created_at"] = (datetime.now(UTC) - timedelta(days=7)).isoformat()
    assert scrip.reconcile(at(FIRST))[0]["findings"] == 0
    assert (counts(report(scrip)), report(scrip)["listed"]) == ({}, 0)


def test_amounts_that_differ_are_reported(scrip: Deployment, buyer: Buyer) -> None:
    """There the total is less than here, and the refund still pending: facts that were told stay, so nothing is missed,
    but both sides are not the same. Of two totals the lower one holds until a person says what came."""
    buyer.order()
    scrip.deliver(buyer.pays(tax=20_000), buyer.gets_back(30_000))
    payment = buyer.provider.checkout(buyer.session).payments[0]
    payment.data["total_amount"] = 110_000
    payment.refunds[0]["status"] = "pending"
    assert reconciled(scrip)["dodo"]["findings"] > 0
    found = {item["about"]: item for item in report(scrip)["amounts_differ"]["items"]}
    refund = f"refund:{payment.refunds[0]['refund_id']}"
    assert sorted(found) == ["payment", refund]
    assert (found["payment"]["theirs"], found["payment"]["ours"]) == (110_000, 110_000)
    assert found["payment"]["reasons"] == [
        "paid 110000 USD there, 110000 USD and 120000 USD and 20000 USD of tax here"
    ]
    assert found[refund]["reasons"] == ["pending 30000 USD there, succeeded 30000 USD here"]


def test_a_table_of_findings_has_those_of_each_kind_under_its_name(scrip: Deployment, buyer: Buyer) -> None:
    """A total that is less there is a finding, and news; the other kinds' findings are put beside them."""
    buyer.order()
    scrip.deliver(buyer.pays(tax=20_000))
    buyer.provider.checkout(buyer.session).payments[0].data["total_amount"] = 110_000
    reconciled(scrip)
    whole = report(scrip)
    answer = scrip.get(
        "/v1/reports/reconciliation", query={"provider": "dodo"}, headers={"accept": "text/csv"}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    found = [(kind, one["payment_id"]) for kind in KINDS for one in whole[kind]["items"]]
    assert [(row["kind"], row["payment_id"]) for row in rows] == found
    assert {"amounts_differ", "missed"} == {kind for kind, _ in found}
    differs = whole["amounts_differ"]["items"][0]
    all_kinds: Any = {**whole, **{kind: {"items": [{**differs, "about": kind}]} for kind in KINDS}}
    assert [(one["kind"], one["about"]) for one in finding_rows(all_kinds)] == [
        (kind, kind) for kind in KINDS
    ]


# What is done in pages, in time, and more than once


class Lists:
    """A provider's side: what it lists of each day, in pages, and what it says when it is asked."""

    def __init__(self, page: int = 100) -> None:
        self.page = page
        self.rows: list[tuple[int, Delivery]] = []
        self.unknown: set[str] = set()
        self.calls: list[str] = []
        self.down = False

    def has(self, made_at: int, payment_id: str, *facts: Fact) -> None:
        self.rows.append((made_at, Delivery("dodo", "read", payment_id, facts)))

    def listed(self, since: int, until: int, cursor: str | None) -> DeliveryPage:
        self.calls.append(f"list {cursor or 0}")
        if self.down:
            raise ProviderUnavailable("no answer in time")
        rows = [delivery for made_at, delivery in self.rows if since <= made_at < until]
        first = int(cursor or 0)
        last = first + self.page
        return DeliveryPage(tuple(rows[first:last]), str(last) if last < len(rows) else None)

    def read(self, inquiry: Inquiry) -> Delivery:
        self.calls.append(f"read {inquiry.payment_id}")
        known = [one for _, one in self.rows if one.payment_id == inquiry.payment_id]
        if not known or inquiry.payment_id in self.unknown:
            raise ProviderRefused(404, "no such payment")
        facts = tuple(fact for one in known for fact in one.facts)
        return Delivery("dodo", "read", inquiry.payment_id, facts)

    def settled(self, since: int, until: int, cursor: str | None) -> Any:
        raise AssertionError("payments are not settlements")

    def open_session(self, sale: Any) -> Any:
        raise AssertionError("a reconciliation sells nothing")

    def cancel_subscription(self, subscription_id: str, at: int, *, at_once: bool) -> Any:
        raise AssertionError("a reconciliation cancels nothing")

    def resume_subscription(self, subscription_id: str, at: int) -> Any:
        raise AssertionError("a reconciliation resumes nothing")

    def refund(self, wanted: Any) -> Any:
        raise AssertionError("a reconciliation gives no money back")

    key_ms = 0

    def charge(self, wanted: Any) -> Any:
        raise AssertionError("a reconciliation charges nothing")

    def find_charge(self, wanted: Any, payment_id: str | None) -> Any:
        raise AssertionError("a reconciliation charges nothing")


NOON = (runtime.now() // DAY_MS) * DAY_MS - 12 * HOUR
"""Yesterday."""


def run(lists: Lists, hours: int = 0, pages: int = 1_000, days: int = 3, **options: Any) -> Outcome:
    """One run, so many hours after the first could be, with time for so many steps."""
    left = iter(range(pages))
    now = NOON + 24 * HOUR + hours * HOUR
    reconciler = Run(
        runtime.tables(), "dodo", lists, runtime.pass_on, now, lambda: next(left, None) is not None
    )
    return reconciler.go(days, **options)


def yesterday() -> Json:
    day = day_of(NOON)
    return reconciliation.get_report(runtime.tables(), "dodo", day).to_json()


def granted(scrip: Deployment, buyer: Buyer, payment_id: str, key: str, made_at: int) -> Paid:
    """A payment of an order of its own, told by a webhook."""
    buyer.order(key)
    paid = Paid(100_000, 0, "USD", made_at, session_id=buyer.session)
    runtime.pass_on(Delivery("dodo", "payment.succeeded", payment_id, (paid,)), payment_id)
    assert scrip.apply(scrip.queued()) == []
    return paid


def test_110_payments_are_two_pages_each_fed_once_and_each_found_once(
    scrip: Deployment, dodo: Provider
) -> None:
    lists = Lists()
    for number in range(110):
        lists.has(NOON + number, f"pay_{number}", Paid(500, 0, "USD", NOON, session_id="cks_none"))
    assert run(lists).fed == 110
    # A page for each of the three days without any, two before and today's.
    assert lists.calls.count("list 0") == 4
    assert lists.calls.count("list 100") == 1
    assert len({record["attributes"]["MessageGroupId"] for record in scrip.queued()}) == 110
    assert run(lists, 1).findings == 110
    found = yesterday()["found"]
    assert {kind: (noted["count"], len(noted["items"])) for kind, noted in found.items()} == {
        "missed": (110, 100),
        "paid_without_grant": (110, 100),
        "grant_without_payment": (0, 0),
        "amounts_differ": (0, 0),
    }
    assert yesterday()["listed"] == 110


@pytest.mark.parametrize("pages", [1, 2, 3, 5, 7])
def test_a_run_whose_time_is_up_is_gone_on_with_and_nothing_is_done_twice(
    scrip: Deployment, dodo: Provider, pages: int
) -> None:
    """30 payments in pages of 10, the other three days empty: each page is asked for once by each phase, whatever the
    cuts."""
    lists = Lists(page=10)
    for number in range(30):
        lists.has(NOON + number, f"pay_{number}", Paid(500, 0, "USD", NOON, session_id="cks_none"))
    fed, runs = 0, 0
    while True:
        outcome = run(lists, runs, pages)
        assert outcome.error is None
        assert len(scrip.queued()) == outcome.fed
        fed += outcome.fed
        runs += 1
        if outcome.done:
            break
    assert (outcome.findings, outcome.ended, fed) == (30, True, 30)
    assert yesterday()["found"]["missed"]["count"] == 30
    assert [lists.calls.count(f"list {place}") for place in (0, 10, 20)] == [8, 2, 2]


def test_payments_that_are_asked_back_are_each_asked_once_however_often_the_time_is_up(
    scrip: Deployment, buyer: Buyer
) -> None:
    """Five of ours are in no list: the provider is asked for each."""
    for number in range(5):
        granted(scrip, buyer, f"pay_{number}", f"order-{number}", NOON + number)
    whole, cut = Lists(), Lists()
    assert run(whole).ended
    asked = [whole.calls.count(f"read pay_{number}") for number in range(5)]
    assert min(asked) >= 1
    for _ in range(200):
        if run(cut, pages=1, hours=12).ended:
            break
    assert [cut.calls.count(f"read pay_{number}") for number in range(5)] == asked


def test_a_run_that_dies_is_gone_on_with_from_where_it_was_last_kept(
    scrip: Deployment, dodo: Provider
) -> None:
    """It is killed behind its 14th page: the place was kept behind the 10th of one day, and nothing is found twice."""
    lists = Lists(page=1)
    for number in range(20):
        lists.has(NOON + number, f"pay_{number}", Paid(500, 0, "USD", NOON, session_id="cks_none"))

    class Killed(BaseException):
        pass

    left = iter(range(17))

    def time_left() -> bool:
        if next(left, None) is None:
            raise Killed
        return True

    reconciler = Run(runtime.tables(), "dodo", lists, runtime.pass_on, NOON + 24 * HOUR, time_left)
    with pytest.raises(Killed):
        reconciler.go(3)
    run(lists)
    assert run(lists, 1).findings == 20
    assert yesterday()["found"]["missed"]["count"] == 20


def test_there_is_one_pass_a_day(scrip: Deployment, dodo: Provider) -> None:
    lists = Lists()
    assert run(lists).ended
    asked = len(lists.calls)
    for hours in (1, 5, 11):
        assert run(lists, hours) == Outcome("dodo", done=True)
        assert len(lists.calls) == asked
    assert run(lists, 12).ended
    assert run(lists, 13, anew=True).ended


def test_after_an_outage_a_pass_begins_where_the_last_one_ended(scrip: Deployment, dodo: Provider) -> None:
    """Nothing ran for ten days: twelve days are looked at, not three, each by both phases."""
    lists = Lists()
    run(lists)
    lists.calls.clear()
    run(lists, 10 * 24)
    assert lists.calls.count("list 0") == 2 * 11
    assert reconciliation.get_report(runtime.tables(), "dodo", day_of(NOON) + 4).checked_at


def test_two_runs_at_once_do_not_write_over_each_other(scrip: Deployment, dodo: Provider) -> None:
    lists, other = Lists(), Lists()
    outcomes: list[Outcome] = []
    for number in range(3):
        lists.has(NOON + number, f"pay_{number}", Paid(500, 0, "USD", NOON, session_id="cks_none"))

    def time_left() -> bool:
        if not outcomes:
            outcomes.append(run(other))
        return True

    late = Run(runtime.tables(), "dodo", lists, runtime.pass_on, NOON + 24 * HOUR, time_left).go(3)
    assert outcomes[0].ended
    assert (late.done, late.error) == (False, "another run is under way")


def test_a_run_that_is_overtaken_ends_without_an_alarm_though_its_provider_fails(
    scrip: Deployment, dodo: Provider
) -> None:
    lists, other = Lists(), Lists()
    outcomes: list[Outcome] = []
    lists.down = True

    def time_left() -> bool:
        if not outcomes:
            outcomes.append(run(other))
        return True

    late = Run(runtime.tables(), "dodo", lists, runtime.pass_on, NOON + 24 * HOUR, time_left).go(3)
    assert outcomes[0].ended
    assert late == Outcome("dodo", error="another run is under way")
    assert reconciliation.last_pass(runtime.tables(), "dodo").error is None


def test_a_report_is_kept_for_31_days(scrip: Deployment, dodo: Provider) -> None:
    lists = Lists()
    run(lists)
    day = day_of(NOON)
    assert reconciliation.get_report(runtime.tables(), "dodo", day).date == date_of(day)
    for days in (10, 20, 30, 40):
        run(lists, 24 * days)
    answer = scrip.get("/v1/reports/reconciliation", query={"provider": "dodo", "date": date_of(day)})
    refused(answer, 404, "not_found", provider="dodo")


def test_missed_stays_in_the_report_when_the_day_is_looked_at_again(
    scrip: Deployment, dodo: Provider
) -> None:
    lists = Lists()
    lists.has(NOON, "pay_1", Paid(500, 0, "USD", NOON, session_id="cks_none"))
    run(lists)
    scrip.apply(scrip.queued())
    run(lists, 1)
    run(lists, 25)
    found = yesterday()["found"]
    assert (found["missed"]["count"], found["paid_without_grant"]["count"]) == (1, 1)


def test_what_is_fed_and_not_applied_yet_is_said_so(scrip: Deployment, dodo: Provider) -> None:
    """The queue stands still."""
    lists = Lists()
    lists.has(NOON, "pay_1", Paid(500, 0, "USD", NOON, session_id="cks_none"))
    run(lists)
    assert run(lists, 1).findings == 1
    (finding,) = yesterday()["found"]["paid_without_grant"]["items"]
    assert finding["reasons"] == ["it was passed on and is not applied yet"]
    scrip.queued()


def test_nothing_is_judged_before_what_was_fed_had_time_to_be_applied(
    scrip: Deployment, dodo: Provider
) -> None:
    lists = Lists()
    lists.has(NOON, "pay_1", Paid(500, 0, "USD", NOON, session_id="cks_none"))
    for _ in range(2):
        assert not run(lists).done
    assert lists.calls.count("list 0") == 4
    assert run(lists, 1).done


def test_a_part_is_no_finding_of_its_own_and_its_refund_is_fed_once(scrip: Deployment, buyer: Buyer) -> None:
    """An intent that pays an invoice is told, and granted, under the invoice's id."""
    lists = Lists()
    paid = granted(scrip, buyer, "in_1", "order-1", NOON)
    lists.has(NOON, "pi_1", PartOf("in_1"))
    lists.has(NOON, "pi_1", Paid(100_000, None, "USD", NOON))
    lists.has(NOON, "in_1", paid)
    lists.has(NOON, "pi_1", Refund("re_1", "succeeded", 50_000, "USD", NOON))
    run(lists)
    assert scrip.apply(scrip.queued()) == []
    assert run(lists, 1).findings == 0
    assert buyer.kinds == [("grant", "10000"), ("clawback", "-5000")]
    assert run(lists, 25) == Outcome("dodo", done=True, ended=True)


def test_a_grant_that_is_parked_for_its_dispute_is_looked_for_as_well(
    scrip: Deployment, buyer: Buyer
) -> None:
    """Listed under another partition than the rest: with two ends it waits for somebody to ask."""
    granted(scrip, buyer, "pay_1", "order-1", NOON)
    ends = [Dispute("dp_1", status, 13, "dispute", 100_000, "USD", NOON) for status in ("won", "lost")]
    runtime.pass_on(Delivery("dodo", "dispute.lost", "pay_1", tuple(ends)), "msg_2")
    scrip.apply(scrip.queued())
    assert scrip.payment("pay_1")["parked"]
    lists = Lists()
    assert run(lists).findings == 1
    assert lists.calls.count("read pay_1") == 1
    (finding,) = yesterday()["found"]["grant_without_payment"]["items"]
    assert finding["payment_id"] == "pay_1"


# Providers that do not answer


def test_a_provider_that_is_down_is_told_of_and_keeps_no_other_from_being_looked_at(
    scrip: Deployment, at_stripe: Stripe, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    buyer.order()
    buyer.pays()
    buyer.provider.down = True
    capsys.readouterr()
    outcomes = {outcome["provider"]: outcome for outcome in scrip.reconcile(at(FIRST))}
    assert (outcomes["dodo"]["done"], outcomes["dodo"]["error"]) == (False, "answered 503")
    assert (outcomes["stripe"]["done"], outcomes["stripe"]["error"]) == (True, None)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "Reconciliation" in line]
    assert [(line["provider"], line["reason"]) for line in told if "ReconciliationStoppedHours" in line] == [
        ("dodo", "answered 503")
    ]
    findings = [line for line in told if "ReconciliationFindings" in line]
    assert [(line["provider"], line["ReconciliationFindings"]) for line in findings] == [("stripe", 0)]
    buyer.provider.down = False
    assert reconciled(scrip)["dodo"]["done"]
    assert buyer.kinds == [("grant", "10000")]
    assert report(scrip)["last_pass"]["error"] is None


def test_what_fails_here_of_one_provider_keeps_no_other_from_being_looked_at_and_fails_at_the_end(
    scrip: Deployment, at_stripe: Stripe, buyer: Buyer
) -> None:
    """Twice the table does not answer: for Dodo's payments, and for its balance."""
    buyer.order()
    buyer.pays()
    broken = scrip.broken("GetItem", Fault.timeout, times=2)
    with broken, pytest.raises(ExceptionGroup, match="some providers could not be looked at") as caught:
        scrip.reconcile(at(FIRST))
    assert [str(one) for one in caught.value.exceptions] == ["the table does not answer"] * 2
    assert scrip.get("/v1/reports/reconciliation", query={"provider": "dodo"}).status == 404
    assert report(scrip, "stripe")["last_pass"]["error"] is None


def test_for_how_long_a_provider_stops_it_is_counted_in_hours_however_seldom_it_is_asked(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Down from hour 1 on, asked at 1, 2 (a minute early), 7, 25: 0, 0, 6 and 24 hours. Then up, and down again: 0."""
    buyer.order()
    buyer.pays()

    def hours(*runs: int) -> list[int]:
        capsys.readouterr()
        for run_at in runs:
            scrip.reconcile(at(run_at))
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "Stopped" in line]
        return [line["ReconciliationStoppedHours"] for line in told if line["provider"] == "dodo"]

    buyer.provider.down = True
    # A run's instant is the moment of the call and so many hours: a minute keeps them apart.
    assert hours(HOUR, 2 * HOUR - 60_000, 7 * HOUR + 60_000, 25 * HOUR + 60_000) == [0, 0, 6, 24]
    buyer.provider.down = False
    assert hours(26 * HOUR) == []
    buyer.provider.down = True
    assert hours(60 * HOUR, 61 * HOUR + 60_000) == [0, 1]


def test_a_key_that_is_not_right_is_told_of(scrip: Deployment, dodo: Provider) -> None:
    dodo.api_key = "another"
    (outcome,) = scrip.reconcile(at(FIRST))
    assert not outcome["done"]
    assert outcome["error"].startswith("401")


def test_a_provider_without_a_key_is_left_alone(scrip: Deployment, dodo: Provider) -> None:
    """Stripe has none here."""
    assert [outcome["provider"] for outcome in scrip.reconcile(at(FIRST))] == ["dodo"]


def test_each_provider_has_its_share_of_the_time(scrip: Deployment, at_stripe: Stripe, buyer: Buyer) -> None:
    """Dodo has nothing of its own left: Stripe is looked at all the same."""
    left = [135_000, *[134_000 - 10_000 * step for step in range(6)], *[60_000] * 60]
    outcomes = scrip.reconcile(at(FIRST), Context(*left))
    assert [(outcome["provider"], outcome["done"]) for outcome in outcomes] == [
        ("dodo", False),
        ("stripe", True),
    ]


def test_a_payment_at_stripe_whose_webhooks_were_all_lost_is_granted(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    """Its list has the intent, which leaves the tax open, so that is asked."""
    session = order_at_stripe(scrip, account)
    at_stripe.pay(session, {"tax": 20_000, "webhook": False})
    at_stripe.refund(session, {"amount": 60_000, "webhook": False})
    scrip.reconcile(at(FIRST))
    assert scrip.apply(scrip.queued()) == []
    assert scrip.inquire(scrip.asked()) == []
    assert scrip.apply(scrip.queued()) == []
    assert kinds(scrip, account) == [("grant", "10000"), ("clawback", "-5000")]
    outcomes = {outcome["provider"]: outcome for outcome in scrip.reconcile(at(SECOND))}
    assert (outcomes["stripe"]["done"], outcomes["stripe"]["findings"]) == (True, 0)
    assert counts(report(scrip, "stripe")) == {"missed": 2}


def test_a_subscription_at_stripe_whose_webhooks_were_all_lost_is_granted_and_taken_back(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    """A trial, a period of 1 000.00, and 250.00 of it to the customer's balance: 7 500 credits, and nothing to find.

    Nothing but the list of credit notes tells of the last.
    """
    pack = {
        "credits": "10000",
        "price": {"amount": 100_000, "currency": "USD"},
        "recurring": {"every": "P1M"},
    }
    assert scrip.put(f"/v1/packs/{account}", pack).status == 201
    wanted = {"account": account, "pack": account, "provider": "stripe", "accept_terms": True}
    order = scrip.post(
        "/v1/topups", {**wanted, "return_url": "https://shop.example.test/"}, key="order-1"
    ).body
    session = order["checkout_session_id"]
    at_stripe.pay(session, {"trial": True, "webhook": False})
    at_stripe.renew(session, {"webhook": False})
    at_stripe.credit_note(session, {"amount": 25_000, "webhook": False})
    scrip.reconcile(at(FIRST))
    for _ in range(2):
        assert scrip.apply(scrip.queued()) == []
        assert scrip.inquire(scrip.asked()) == []
    assert kinds(scrip, account) == [("grant", "10000"), ("clawback", "-2500")]
    outcomes = {outcome["provider"]: outcome for outcome in scrip.reconcile(at(SECOND))}
    assert (outcomes["stripe"]["done"], outcomes["stripe"]["findings"]) == (True, 0)


# The report, and the command


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "provider"),
        ({"provider": "standard"}, "provider"),
        ({"provider": "dodo", "date": "2026-02-30"}, "date"),
        ({"provider": "dodo", "date": "20261123"}, "date"),
        ({"provider": "dodo", "date": ""}, "date"),
        ({"provider": "dodo", "day": "2026-11-23"}, "day"),
    ],
)
def test_no_report_is(scrip: Deployment, query: dict[str, str], field: str) -> None:
    answer = scrip.get("/v1/reports/reconciliation", query=query)
    refused(answer, 400, "invalid_request")
    assert answer.fields == [field]


def test_a_day_without_a_report_is_not_found(scrip: Deployment) -> None:
    answer = scrip.get("/v1/reports/reconciliation", query={"provider": "dodo", "date": "2020-01-01"})
    refused(answer, 404, "not_found", provider="dodo")
