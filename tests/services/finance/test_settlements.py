"""What moved at providers is recorded once, in order, whatever fails; and held against our payments (laws 3 and 9).

Stand-ins over HTTP through the providers' SDKs, and lists of many pages from a client that a test fills."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from scrip.domain.finance.settlement import ProviderSettlement, SettlementType
from scrip.domain.payments.reconciliation import DAY_MS, date_of, day_of
from scrip.http.edge.parameters import format_instant
from scrip.providers.clients import ProviderUnavailable, SettlementPage
from scrip.services.finance import settlements
from scrip.services.finance.settlements import SettlementOutcome, SettlementRun
from scrip.store import documents, keys
from scrip.store.settlements import SettlementRow
from tests.aws import Buyer, Deployment, Fault, Json
from tests.metrics import counted

pytestmark = pytest.mark.usefixtures("in_memory")

HOUR = 3_600_000
NOON = 1_795_435_200_000
"""2026-11-23T12:00Z."""


# Many pages


class Movements:
    """A provider with these movements, oldest page first."""

    def __init__(self, count: int = 0, page: int = 100) -> None:
        self.page, self.down, self.calls = page, False, 0
        self.rows = [self.fee(number) for number in range(count)]

    @staticmethod
    def fee(number: int, at: int = NOON - HOUR) -> ProviderSettlement:
        return ProviderSettlement(f"txn_{number:04}", "fee", -10, "USD", at + number)

    def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
        self.calls += 1
        if self.down:
            raise ProviderUnavailable("no answer in time")
        found = [one for one in self.rows if since <= one.at < until]
        first = int(cursor or 0)
        last = first + self.page
        return SettlementPage(tuple(found[first:last]), str(last) if last < len(found) else None)


def run(
    client: Any, now: int = NOON, days: int = 1, time_left: Callable[[], bool] = lambda: True
) -> SettlementOutcome:
    return SettlementRun(runtime.tables(), "dodo", client, now, time_left).go(days)


def recorded(of: str = "dodo") -> list[SettlementRow]:
    """All that is recorded of a provider, in its order."""
    return [row for provider, row in settlements.unread(runtime.tables(), {}) if provider == of]


def read() -> list[str]:
    """What whoever books would read, a few at a time, each after the last."""
    found, after = list[str](), dict[str, str]()
    while page := [*islice(settlements.unread(runtime.tables(), after), 7)]:
        found += [row.body["id"] for _, row in page]
        after["dodo"] = page[-1][1].place
    return found


def fees(day: int = day_of(NOON)) -> int:
    money, _ = settlements.money_of(runtime.tables(), "dodo", day)
    return money.sums["USD"].moved["fee"]


@pytest.fixture(autouse=True)
def _afresh(scrip: Deployment) -> None:
    scrip.make_tables()
    scrip.queued()


def test_pages_are_recorded_once_in_the_order_in_which_they_are_taken() -> None:
    """250 fees of 0.10: 25.00."""
    client = Movements(250)
    outcome = run(client)
    assert (outcome.recorded, outcome.done, outcome.error) == (250, True, None)
    assert read() == [f"txn_{number:04}" for number in range(250)]
    assert fees() == -2500


def test_a_run_that_ends_early_goes_on_at_its_page_and_what_was_read_stays_before_what_follows() -> None:
    client = Movements(250)
    turns: Iterator[bool] = iter([True, True, False])
    assert run(client, time_left=lambda: next(turns)).recorded == 100
    before, calls = read(), client.calls
    assert len(before) == 100
    assert run(client, NOON + 1).recorded == 150
    assert (client.calls - calls, read()[:100], len(read())) == (2, before, 250)


@pytest.mark.parametrize("writes", range(1, 9))
@pytest.mark.parametrize("lost", [False, True])
def test_a_run_that_is_killed_at_any_write_records_nothing_twice_and_leaves_nothing_out(
    scrip: Deployment, writes: int, lost: bool
) -> None:
    """120 fees are three transactions of 40, three of the pages and one at the end; also where a write was done and its
    answer lost. What a reader has read meanwhile is never followed by something that stands before it."""
    client = Movements(120, page=60)
    seen: list[str] = []
    for attempt in range(3):
        left = [writes if attempt == 0 else 99]

        def killed(left: list[int] = left) -> Any:
            left[0] -= 1
            return None if left[0] >= 0 else Fault.error("InternalServerError", 500)()

        with (
            scrip.broken("TransactWriteItems", killed, times=99, lost=lost),
            contextlib.suppress(Unavailable),
        ):
            run(client, NOON + attempt)
        now = read()
        assert now[: len(seen)] == seen
        seen = now
    assert sorted(seen) == sorted(one.id for one in client.rows)
    assert fees() == -1200


def test_instants_of_what_is_recorded_rise_with_each_transaction_whatever_the_clock_says() -> None:
    """90 fees are transactions of 40, 40 and 10. Then, by a clock that is an hour behind, come three more."""
    client = Movements(90)
    run(client)
    client.rows += [client.fee(number, NOON - 2 * HOUR) for number in range(90, 93)]
    day = day_of(NOON)
    document = documents.get(runtime.tables(), keys.money_progress("dodo"))
    body = {**document.body, "done": False, "day": day, "until": NOON}
    assert documents.put(runtime.tables(), document.pk, document.rev, body)
    assert run(client, NOON - HOUR).recorded == 3
    instants = [row.recorded_at for row in recorded()]
    assert instants == [*[NOON] * 40, *[NOON + 1] * 40, *[NOON + 2] * 10, *[NOON + 3] * 3]


MIDNIGHT = NOON - 12 * HOUR
LAG = 600_000


class AskedDays(Movements):
    """A provider without movements, and which times it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[tuple[int, int]] = []

    def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
        self.spans.append((since - MIDNIGHT, until - MIDNIGHT))
        return super().settled(since, until, cursor)

    def taken(self) -> list[tuple[int, int]]:
        """What it was asked for since this was asked last; of the day of ``NOON``, in milliseconds."""
        spans, self.spans = self.spans, []
        return spans


def test_a_walk_is_of_so_many_days_or_of_all_since_the_last_one_that_ended_and_once_a_day() -> None:
    client, noon = AskedDays(), 12 * HOUR
    run(client, days=2)
    assert client.taken() == [(-2 * DAY_MS, -DAY_MS), (-DAY_MS, 0), (0, noon - LAG)]
    assert run(client, NOON + HOUR).done
    assert client.taken() == [], "it is done for the day"
    run(client, NOON + DAY_MS)
    assert client.taken() == [(0, DAY_MS), (DAY_MS, DAY_MS + noon - LAG)]
    run(client, NOON + 4 * DAY_MS, days=1)
    days = [(day * DAY_MS, (day + 1) * DAY_MS) for day in (1, 2, 3)]
    assert client.taken() == [*days, (4 * DAY_MS, 4 * DAY_MS + noon - LAG)]


@pytest.mark.parametrize(("late", "more"), [(0, []), (1, [(0, 1)])])
def test_a_walk_that_ends_at_midnight_asks_nothing_of_the_day_that_begins_then(
    late: int, more: list[tuple[int, int]]
) -> None:
    client = AskedDays()
    assert run(client, MIDNIGHT + LAG + late).done
    assert client.taken() == [(-DAY_MS, 0), *more]


def test_since_when_a_provider_lets_nobody_is_the_first_time_and_is_over_with_the_first_page() -> None:
    client = Movements(3)
    client.down = True
    first, second = run(client), run(client, NOON + 1)
    assert (first.error, first.stopped_at, second.stopped_at) == ("no answer in time", NOON, NOON)
    client.down = False
    assert run(client, NOON + 2) == SettlementOutcome("dodo", 3, done=True)


@pytest.mark.parametrize(("at_once", "queries"), [(1, 6), (2, 3), (4, 2), (5, 2), (6, 1)])
def test_what_is_not_booked_yet_is_read_a_page_at_a_time(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, at_once: int, queries: int
) -> None:
    """Five of them, and once more where a page was full; from the place on that was read last, the rest of them."""
    run(Movements(5))
    monkeypatch.setattr(settlements, "READ_AT_ONCE", at_once)
    with scrip.calls() as made:
        found = [*settlements.unread(runtime.tables(), {})]
    assert [(provider, row.body["id"]) for provider, row in found] == [
        ("dodo", f"txn_000{number}") for number in range(5)
    ]
    assert [call.name for call in made].count("Query") == queries
    rest = settlements.unread(runtime.tables(), {"dodo": found[1][1].place})
    assert [row.body["id"] for _, row in rest] == ["txn_0002", "txn_0003", "txn_0004"]


def test_of_two_runs_at_once_one_ends_and_nothing_is_recorded_twice() -> None:
    client = Movements(100)

    class Slow(Movements):
        def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
            page = super().settled(since, until, cursor)
            if self.calls == 1:
                assert run(client).done
            return page

    outcome = run(Slow(100))
    assert outcome.error == "another run is under way"
    assert (len(read()), fees()) == (100, -1000)


def test_what_is_listed_late_is_recorded_by_the_next_walk_after_all_that_was_before() -> None:
    """One of the day before is listed a day later: it stands last, and on its own day."""
    client = Movements(3)
    run(client)
    client.rows.insert(0, Movements.fee(9, NOON - 2 * HOUR))
    assert run(client, NOON + HOUR).recorded == 0, "a walk a day"
    assert run(client, NOON + DAY_MS, days=2).recorded == 1
    assert read() == ["txn_0000", "txn_0001", "txn_0002", "txn_0009"]
    assert fees() == -40


def test_a_walk_begins_where_the_last_one_ended_if_an_outage_lasted_longer() -> None:
    client = Movements(1)
    run(client)
    client.rows.append(Movements.fee(5, NOON + 2 * HOUR))
    assert run(client, NOON + 9 * DAY_MS).recorded == 1


def test_a_provider_that_does_not_answer_is_told_with_since_when_and_the_next_run_goes_on() -> None:
    client = Movements(2)
    client.down = True
    for now in (NOON, NOON + HOUR):
        outcome = run(client, now)
        assert (outcome.recorded, outcome.error, outcome.stopped_at) == (0, "no answer in time", NOON)
    client.down = False
    outcome = run(client, NOON + 2 * HOUR)
    assert (outcome.recorded, outcome.error, outcome.stopped_at) == (2, None, None)


def test_an_instant_of_the_clock_that_goes_back_does_not_reorder_the_list() -> None:
    client = Movements(2)
    run(client)
    client.rows.append(Movements.fee(7))
    assert run(client, NOON + DAY_MS).recorded == 1
    client.rows.append(Movements.fee(8))
    assert run(client, NOON + DAY_MS - HOUR).recorded == 0
    assert run(client, NOON + 2 * DAY_MS, days=3).recorded == 1
    assert read() == ["txn_0000", "txn_0001", "txn_0007", "txn_0008"]


# Against payments


def at(milliseconds: int) -> str:
    return format_instant(runtime.now() + milliseconds)


def money(scrip: Deployment, provider: str = "dodo") -> Json:
    answer = scrip.get("/v1/reports/reconciliation", query={"provider": provider})
    assert answer.status == 200, answer.text
    found: Json = answer.body["money"]
    return found


def moved(found: Json, currency: str = "USD") -> dict[str, int]:
    (row,) = [one for one in found["currencies"] if one["currency"] == currency]
    assert row["net"] == sum(one["amount"] for one in row["moved"])
    return {one["type"]: one["amount"] for one in row["moved"]}


def sides(found: Json) -> dict[str, tuple[int, int]]:
    return {one["currency"]: (one["charged"], one["booked"]) for one in found["currencies"]}


@pytest.fixture
def buyer(scrip: Deployment, dodo: Any, account: str) -> Buyer:
    return Buyer(scrip, dodo, account)


def test_dodos_ledger_is_held_against_what_was_bought(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 200.00 with tax, 300.00 refunded, 600.00 lost to a bank, 20.00 paid out, which fails and is paid again.

    Fees: 48.00 + 0.40 of the payment, 1.00 of the refund, 30.00 of the dispute, 0.50 of each payout.
    """
    buyer.order()
    scrip.deliver(buyer.pays(tax=20_000), buyer.gets_back(30_000))
    buyer.provider.dispute(buyer.session, {"webhook": False, "status": "lost", "amount": 60_000})
    payout = buyer.provider.balance.payout({"amount": 2000, "fee": 50})["payout_id"]
    buyer.provider.balance.payout({"failed": payout})
    buyer.provider.balance.payout({"amount": 2000, "fee": 50})
    capsys.readouterr()
    scrip.reconcile(at(HOUR))
    assert counted(capsys, "SettlementsRecorded", "ReconciliationMissed") == [
        {"ReconciliationMissed": 2, "provider": "dodo"},
        {"SettlementsRecorded": 12, "provider": "dodo"},
    ]
    found = money(scrip)
    assert moved(found) == {
        "payment": 120_000,
        "refund": -30_000,
        "dispute": -60_000,
        "fee": -4840 - 100 - 3000 - 100,
        "tax": -20_000,
        "payout": -4000,
        "payout_failed": 2000,
    }
    assert sides(found) == {"USD": (90_000, 90_000)}
    assert (found["differences"], found["items"], found["error"]) == (0, [], None)
    assert found["through"]
    scrip.reconcile(at(2 * HOUR))
    assert money(scrip)["currencies"] == found["currencies"]


def test_a_balance_that_cannot_be_read_is_told_of_and_for_how_many_hours(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    """An entry without a currency stops the balance at hour 1, and the payments not."""
    buyer.order()
    scrip.deliver(buyer.pays())
    buyer.provider.balance.enter({"event_type": "dodo_credits", "amount": 700, "is_credit": True})
    buyer.provider.balance.entries[-1]["currency"] = "$"

    def stopped(run_at: int) -> list[tuple[int, str]]:
        capsys.readouterr()
        (outcome,) = scrip.reconcile(at(run_at))
        assert outcome["error"] is None
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "StoppedHours" in line]
        return [(line["ReconciliationStoppedHours"], line["reason"].partition(" ble_")[0]) for line in said]

    why = "settlements: ledger entry"
    # A run's instant is the moment of the call and so many hours: a minute keeps them apart.
    assert [stopped(hour * HOUR + 60_000 * hour) for hour in (1, 3)] == [[(0, why)], [(2, why)]]


def test_what_was_not_granted_is_named_and_once_it_is_granted_it_is_not(
    scrip: Deployment, buyer: Buyer
) -> None:
    """The webhook is lost; the comparison of payments feeds it, and it is applied later."""
    buyer.order()
    payment_id = buyer.pays()["data"]["payment_id"]
    scrip.reconcile(at(HOUR))
    found = money(scrip)
    assert sides(found) == {"USD": (100_000, 0)}
    (item,) = found["items"]
    assert (found["differences"], item["payment_id"], item["theirs"], item["ours"]) == (
        1,
        payment_id,
        100_000,
        None,
    )
    assert item["reason"] == "nothing was granted here for the payment"
    assert scrip.apply(scrip.queued()) == []
    found = money(scrip)
    assert (sides(found), found["differences"], found["items"]) == ({"USD": (100_000, 100_000)}, 0, [])


def test_a_refund_that_nobody_told_is_named_and_an_adjustment_always(scrip: Deployment, buyer: Buyer) -> None:
    buyer.order()
    scrip.deliver(buyer.pays())
    buyer.gets_back(30_000)
    buyer.provider.balance.enter({"event_type": "dodo_credits", "amount": 700, "is_credit": True})
    scrip.reconcile(at(HOUR))
    found = money(scrip)
    assert sorted((one["type"], one["theirs"], one["ours"]) for one in found["items"]) == [
        ("adjustment", 700, None),
        ("refund", -30_000, None),
    ]
    (refund,) = [one for one in found["items"] if one["type"] == "refund"]
    assert refund["reason"] == "the refund is not known here"
    assert sides(found) == {"USD": (70_000, 100_000)}
    assert scrip.apply(scrip.queued()) == []
    found = money(scrip)
    assert ([one["type"] for one in found["items"]], sides(found)) == (
        ["adjustment"],
        {"USD": (70_000, 70_000)},
    )


def test_what_dodo_settles_in_another_currency_is_booked_in_both(
    scrip: Deployment, dodo: Any, account: str
) -> None:
    """10 000 yen settle as 65.00 USD; the fee is 2.60 + 0.40."""
    buyer = Buyer(scrip, dodo, account, price={"amount": 10_000, "currency": "JPY"})
    buyer.order()
    settled = {"settlement_currency": "USD", "settlement_amount": 6500, "settlement_tax": 0}
    scrip.deliver(buyer.pays(**settled))
    scrip.reconcile(at(HOUR))
    found = money(scrip)
    assert sides(found) == {"JPY": (10_000, 10_000), "USD": (0, 0)}
    assert moved(found) == {"payment": 6500, "fee": -300}
    (payment,) = [row.body for row in recorded() if row.body["type"] == "payment"]
    assert payment["charged"] == [10_000, "JPY"]


def test_of_what_is_settled_in_another_currency_the_exchange_is_booked_by_hand_where_it_was_not_known_in_time(
    scrip: Deployment, dodo: Any, account: str
) -> None:
    """10 000 yen settle as 65.00 USD, and 4 000 are given back. Nobody has told of the payment when it is recorded, nor
    of the refund."""
    buyer = Buyer(scrip, dodo, account, price={"amount": 10_000, "currency": "JPY"})
    buyer.order()
    buyer.pays(settlement_currency="USD", settlement_amount=6500, settlement_tax=0)
    scrip.reconcile(at(HOUR))
    nothing, elsewhere = "nothing was granted here for the payment", "it is in another currency here"

    def left() -> list[tuple[str, str]]:
        return sorted((one["type"], one["reason"]) for one in money(scrip)["items"])

    assert left() == [("payment", nothing)]
    assert scrip.apply(scrip.queued()) == []
    assert left() == [("payment", settlements.TOO_LATE)]
    refunded = buyer.gets_back(4000)
    scrip.reconcile(at(25 * HOUR))
    assert left() == [("payment", settlements.TOO_LATE), ("refund", elsewhere)]
    scrip.deliver(refunded)
    assert left() == [("payment", settlements.TOO_LATE), ("refund", settlements.TOO_LATE)]


@pytest.mark.parametrize("type_", ["payment", "refund", "refund_failed", "dispute", "dispute_reversed"])
def test_what_names_no_payment_is_a_difference(type_: SettlementType) -> None:
    client = Movements()
    client.rows.append(ProviderSettlement("txn_1", type_, 5, "USD", NOON - HOUR))
    assert run(client).recorded == 1
    _, left = settlements.money_of(runtime.tables(), "dodo", day_of(NOON))
    assert [(one.ours, one.reason, one.payment) for one in left] == [
        (None, "nothing was granted here for the payment", None)
    ]


# Stripe


def bought(scrip: Deployment, stripe: Stripe, account: str, amount: int, currency: str, **more: Any) -> str:
    price = {"amount": amount, "currency": currency}
    pack = {"unit": "credits", "credits": "100", "price": price, **more}
    assert scrip.put(f"/v1/packs/{account}", pack).status == 201
    wanted = {"account": account, "pack": account, "provider": "stripe", "accept_terms": True}
    body = {**wanted, "return_url": "https://shop.example.test/done"}
    answer = scrip.post("/v1/topups", body, key=f"order-{account}")
    assert answer.status == 201, answer.text
    session = str(answer.body["checkout_session_id"])
    stripe.pay(session, {"webhook": False})
    return session


def told(scrip: Deployment, stripe: Stripe) -> None:
    """Delivers all that Stripe has said so far."""
    for event in list(stripe.said):
        assert scrip.webhook(event, provider="stripe").status == 200
    assert scrip.apply(scrip.queued()) == []


def test_stripes_balance_of_a_dispute_that_is_won_and_one_that_is_lost(
    scrip: Deployment,
    at_stripe: Stripe,
    account: str,
) -> None:
    """Two of 1 000.00: fees 29.30 each, and 15.00 for each dispute. One gives its money back."""
    for name, ends in (("won", "won"), ("lost", "lost")):
        session = bought(scrip, at_stripe, f"{account}-{name}", 100_000, "USD")
        at_stripe.dispute(session, {"webhook": False})
        at_stripe.dispute(session, {"webhook": False, "status": ends})
    told(scrip, at_stripe)
    scrip.reconcile(at(HOUR))
    found = money(scrip, "stripe")
    assert moved(found) == {
        "payment": 200_000,
        "dispute": -200_000,
        "dispute_reversed": 100_000,
        "fee": -2 * 2930 - 2 * 1500,
    }
    assert (sides(found), found["differences"]) == ({"USD": (200_000, 200_000)}, 0)


def test_stripes_balance_in_currencies_of_no_and_three_decimals_exchanged_and_not(
    scrip: Deployment,
    at_stripe: Stripe,
    account: str,
) -> None:
    """10 000 yen become 65.00 USD (fee 1.88 + 0.30), 100.000 BHD stay (fee 2.900 + 0.030); a refund of 10.000 BHD
    fails. Nothing of two currencies is added up."""
    at_stripe.balance.settles["jpy"] = ("usd", "0.65")
    bought(scrip, at_stripe, f"{account}-jpy", 10_000, "JPY")
    session = bought(scrip, at_stripe, f"{account}-bhd", 100_000, "BHD")
    refund = at_stripe.refund(session, {"webhook": False, "amount": 10_000})["refund_id"]
    at_stripe.settle(refund, {"webhook": False, "status": "failed"})
    told(scrip, at_stripe)
    scrip.reconcile(at(HOUR))
    found = money(scrip, "stripe")
    assert moved(found) == {"payment": 6500, "fee": -218}
    assert moved(found, "BHD") == {
        "payment": 100_000,
        "refund": -10_000,
        "refund_failed": 10_000,
        "fee": -2930,
    }
    assert sides(found) == {"BHD": (100_000, 100_000), "JPY": (10_000, 10_000), "USD": (0, 0)}
    assert found["differences"] == 0


def test_the_charge_of_an_invoice_is_held_against_the_invoice(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    """A subscription of 1 000.00 a month: its charge names an intent, and its credits are the invoice's."""
    monthly = {"every": "P1M"}
    session = bought(scrip, at_stripe, account, 100_000, "USD", recurring=monthly)
    assert at_stripe.checkout(session).payments[0].invoice
    told(scrip, at_stripe)
    assert scrip.balance(account)["total"] == "100"
    scrip.reconcile(at(HOUR))
    found = money(scrip, "stripe")
    assert (sides(found), found["items"]) == ({"USD": (100_000, 100_000)}, [])


def test_more_than_a_page_of_dodos_is_taken_once(scrip: Deployment, buyer: Buyer) -> None:
    for number in range(130):
        buyer.provider.balance.enter({"event_type": "scheme_fee", "amount": number + 1})
    scrip.reconcile(at(HOUR))
    rows = recorded()
    assert len({row.body["id"] for row in rows}) == len(rows) == 130


def test_more_than_a_page_of_stripes_is_taken_once(
    scrip: Deployment,
    at_stripe: Stripe,
) -> None:
    for number in range(230):
        at_stripe.balance.adjust({"category": "fee", "amount": -number - 1})
    scrip.reconcile(at(HOUR))
    rows = recorded("stripe")
    assert len({row.body["id"] for row in rows}) == len(rows) == 230
    money_of, _ = settlements.money_of(runtime.tables(), "stripe", day_of(runtime.now()))
    assert money_of.sums["USD"].moved == {"fee": -230 * 231 // 2}


def test_the_day_of_a_movement_is_that_of_the_provider() -> None:
    assert date_of(day_of(runtime.now())) == datetime.now(UTC).date().isoformat()
