"""What was used, by day and hour: of burns, captures, pages, settlements, batches and items, and what is given back."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.credits.calendar import format_instant
from scrip.services.usage import rollups
from scrip.services.verification.wallets import check_wallet
from tests.aws import NEW_YEAR, Answer, Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.search.streaming import index
from tests.http.usage.reported import CARD, accepted
from tests.http.usage.reported import used as reported
from tests.http.usage.test_burn_pages import page
from tests.http.usage.test_leases import lease, settle

pytestmark = pytest.mark.usefixtures("in_memory")
Json = dict[str, Any]
DAY: Json = {"from": "2030-01-01T00:00:00.000Z", "to": "2030-01-02T00:00:00.000Z"}


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 3, 4, 6 and 8, after every test."""
    yield
    scrip.sound(account)


@pytest.fixture
def metered(scrip: Deployment) -> tuple[str, str]:
    """A unit, and a meter of it that costs 2 each."""
    unit, meter = f"u-{uuid.uuid4().hex[:8]}", f"m-{uuid.uuid4().hex[:8]}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2}).status == 201
    card = {"unit": unit, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/{meter}", card).status == 201
    return unit, meter


def used(scrip: Deployment, account: str, unit: str = "credits", **query: str) -> list[Json]:
    answer = scrip.get(f"/v1/accounts/{account}/usage", query={"unit": unit, **query})
    assert answer.status == 200, answer.text
    return list(answer.body["items"])


def of(rows: list[Json]) -> list[tuple[Any, ...]]:
    """What rows say, but for their periods."""
    return [(row["by"], row["quantity"], row["credits"], row["value"]) for row in rows]


def burn(scrip: Deployment, account: str, body: Json, clock: str = NEW_YEAR) -> Json:
    answer = scrip.move(account, "burns", clock=clock, **body)
    assert answer.status == 201, answer.text
    return dict(answer.body["entry"])


def reverse(scrip: Deployment, account: str, entry: Json, clock: str, **body: Any) -> Answer:
    answer = scrip.move(account, f"burns/{entry['entry_id']}/reversal", clock=clock, **body)
    assert answer.status == 201, answer.text
    return answer


def test_of_a_wallet_that_used_nothing_there_is_nothing(scrip: Deployment, account: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/usage")
    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None, "through_seq": 0})
    scrip.grant(account, "10")
    assert scrip.get(f"/v1/accounts/{account}/usage").body["through_seq"] == 1


def test_burns_of_a_day_are_one_row_and_hours_are_told_apart(scrip: Deployment, account: str) -> None:
    """3 at half past ten, 4 at five past eleven: 7 of the day. Ten cost 5.00: 1.50 and 2.00 (law 8)."""
    cost = {"amount": 500, "currency": "EUR"}
    scrip.grant(account, "10", kind="paid", cost_basis=cost, clock="2030-01-01T00:00:00Z")
    burn(scrip, account, {"amount": "3"}, "2030-01-01T10:30:00Z")
    burn(scrip, account, {"amount": "4"}, "2030-01-01T11:05:00Z")
    row = {**DAY, "by": None, "quantity": None, "credits": "7", "value": {"amount": 350, "currency": "EUR"}}
    assert used(scrip, account) == [row]
    hours = used(scrip, account, every="PT1H")
    assert [(one["from"][11:16], one["credits"], one["value"]["amount"]) for one in hours] == [
        ("10:00", "3", 150),
        ("11:00", "4", 200),
    ]
    since = {"from": "2030-01-01T11:00:00Z"}
    assert [one["credits"] for one in used(scrip, account, every="PT1H", **since)] == ["4"]
    until = {"to": "2030-01-01T11:00:00Z"}
    assert [one["credits"] for one in used(scrip, account, every="PT1H", **until)] == ["3"]


def test_by_meter_member_tag_and_dimension(scrip: Deployment, account: str, metered: tuple[str, str]) -> None:
    """1.5 and 2 of the meter at 2 each are 3 and 4, and an amount of 5 is of no meter."""
    unit, meter = metered
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    one = {"unit": unit, "meter": meter, "quantity": "1.5", "dimensions": {"model": "x"}}
    burn(scrip, account, {**one, "member": "ann", "tags": {"team": "a"}})
    burn(
        scrip,
        account,
        {
            **one,
            "quantity": "2",
            "dimensions": {"model": "y"},
            "member": "bob",
            "tags": {"team": "a", "job": "1"},
        },
    )
    burn(scrip, account, {"unit": unit, "amount": "5"})
    assert of(used(scrip, account, unit)) == [(None, "3.5", "12", None)]
    assert of(used(scrip, account, unit, by="meter")) == [
        (meter, "3.5", "7", None),
        (None, None, "5", None),
    ]
    assert of(used(scrip, account, unit, by="member")) == [
        ("ann", "1.5", "3", None),
        ("bob", "2", "4", None),
        (None, None, "5", None),
    ]
    assert of(used(scrip, account, unit, by="tag:team")) == [
        ("a", "3.5", "7", None),
        (None, None, "5", None),
    ]
    assert of(used(scrip, account, unit, by="tag:job")) == [
        ("1", "2", "4", None),
        (None, "1.5", "8", None),
    ]
    assert of(used(scrip, account, unit, by="dimension:model", meter=meter)) == [
        ("x", "1.5", "3", None),
        ("y", "2", "4", None),
    ]
    assert of(used(scrip, account, unit, by="tag:nobody")) == [(None, "3.5", "12", None)]


def test_items_are_told_by_meter_and_of_several_meters_there_is_no_quantity(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    unit, meter = metered
    other = f"{meter}-2"
    assert scrip.put(
        f"/v1/rates/{other}", {"unit": unit, "price": {"model": "per_unit", "credits": "1"}}
    ).status == (201)
    scrip.grant(
        account, "100", unit=unit, kind="paid", cost_basis={"amount": 1000, "currency": "EUR"}, clock=NEW_YEAR
    )
    items = [{"meter": meter, "quantity": "3"}, {"meter": other, "quantity": "4"}]
    entry = burn(scrip, account, {"unit": unit, "items": items})
    assert of(used(scrip, account, unit)) == [(None, None, "10", {"amount": 100, "currency": "EUR"})]
    by_meter = [
        (meter, "3", "6", {"amount": 60, "currency": "EUR"}),
        (other, "4", "4", {"amount": 40, "currency": "EUR"}),
    ]
    assert of(used(scrip, account, unit, by="meter")) == by_meter
    # What was taken last comes back first: two of the four.
    reverse(scrip, account, entry, "2030-01-03T00:00:00Z", amount="2")
    assert of(used(scrip, account, unit, by="meter"))[1] == (
        other,
        "2",
        "2",
        {"amount": 20, "currency": "EUR"},
    )
    reverse(scrip, account, entry, "2030-01-03T00:00:00Z")
    assert used(scrip, account, unit, by="meter") == []


def test_what_is_undone_is_given_back_where_it_was_counted(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    """100 cost 3.33, 7 of them 0.23. Undone in parts (1, 2, the rest) they leave nothing, to the last digit."""
    unit, meter = metered
    scrip.grant(
        account, "100", unit=unit, kind="paid", cost_basis={"amount": 333, "currency": "EUR"}, clock=NEW_YEAR
    )
    entry = burn(scrip, account, {"unit": unit, "meter": meter, "quantity": "3.5", "member": "ann"})
    whole = of(used(scrip, account, unit, by="member"))
    assert whole == [("ann", "3.5", "7", {"amount": 23, "currency": "EUR"})]
    reverse(scrip, account, entry, "2030-02-01T00:00:00Z", amount="1")
    assert of(used(scrip, account, unit, by="member"))[0][1:3] == ("3", "6")
    reverse(scrip, account, entry, "2030-02-02T00:00:00Z", amount="2")
    assert of(used(scrip, account, unit, by="member"))[0][1:3] == ("2", "4")
    reverse(scrip, account, entry, "2030-02-03T00:00:00Z")
    assert used(scrip, account, unit, by="member") == []


def test_a_capture_is_used_and_a_hold_is_not(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    """Also of the part beyond the hold; the member is the hold's."""
    unit, meter = metered
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    body = {"unit": unit, "meter": meter, "quantity": "5", "expires_in": "PT1H", "over_capture": "burn_extra"}
    held = scrip.move(account, "holds", clock=NEW_YEAR, member="ann", **body)
    assert held.status == 201, held.text
    assert used(scrip, account, unit) == []
    hold = held.body["hold"]["hold_id"]
    answer = scrip.move(account, f"holds/{hold}/capture", clock=NEW_YEAR, quantity="6", final=True)
    assert answer.status == 201, answer.text
    assert of(used(scrip, account, unit, by="member")) == [("ann", "6", "12", None)]


def test_records_of_pages_and_settlements_count_one_by_one(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    """What was skipped or refused counts not. One record is undone in parts, then all that is left."""
    unit, meter = metered
    scrip.grant(account, "20", unit=unit, kind="paid", cost_basis={"amount": 200, "currency": "EUR"})
    records = [
        ["2", "a"],
        [meter, "1.5", "b", {"model": "x"}],
        None,
        [meter, "2", "c", {"model": "y"}],
        ["99", "d"],
    ]
    entry = page(scrip, account, 0, records, unit=unit, member="ann", tags={"job": "1"}).body["entry"]
    eur = {"currency": "EUR"}
    assert of(used(scrip, account, unit, by="dimension:model")) == [
        ("x", "1.5", "3", {"amount": 30, **eur}),
        ("y", "2", "4", {"amount": 40, **eur}),
        (None, None, "2", {"amount": 20, **eur}),
    ]
    assert of(used(scrip, account, unit, by="member")) == [("ann", "3.5", "9", {"amount": 90, **eur})]
    for amount in ("1", "1.5"):
        answer = scrip.move(account, f"burns/{entry['entry_id']}/reversal", offset=3, amount=amount)
        assert answer.status == 201, answer.text
    assert of(used(scrip, account, unit, by="dimension:model"))[1] == (
        "y",
        "0.75",
        "1.5",
        {"amount": 15, **eur},
    )
    assert scrip.move(account, f"burns/{entry['entry_id']}/reversal", offset=1).status == 201
    rest = of(used(scrip, account, unit, by="dimension:model"))
    assert [one[:3] for one in rest] == [("y", "0.75", "1.5"), (None, None, "2")]
    assert scrip.move(account, f"burns/{entry['entry_id']}/reversal").status == 201
    assert used(scrip, account, unit) == []


def test_a_settlement_counts_for_the_member_of_its_lease(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    unit, meter = metered
    scrip.grant(account, "100", unit=unit)
    held = lease(scrip, account, "50", unit=unit, member="ann")
    answer = settle(scrip, account, held, first=0, records=[["2", "a"], [meter, "1", "b"]])
    assert answer.status == 201, answer.text
    assert of(used(scrip, account, unit, by="member")) == [("ann", "1", "4", None)]
    assert of(used(scrip, account, unit, by="meter")) == [(meter, "1", "2", None), (None, None, "2", None)]


def test_money_of_several_currencies_is_listed(scrip: Deployment, account: str) -> None:
    for currency in ("USD", "EUR"):
        scrip.grant(account, "5", kind="paid", cost_basis={"amount": 500, "currency": currency})
    scrip.grant(account, "5")
    burn(scrip, account, {"amount": "15"}, "2030-01-01T10:30:00Z")
    (row,) = used(scrip, account)
    assert (row["credits"], row["value"]) == ("15", None)
    assert row["values"] == [{"amount": 500, "currency": "EUR"}, {"amount": 500, "currency": "USD"}]


def test_pages_have_each_row_once(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    for day in (1, 2, 5):
        for member in ("a", "b", "c"):
            body = {"amount": "1", "member": member}
            burn(scrip, account, body, f"2030-01-0{day}T10:30:00Z")
        burn(scrip, account, {"amount": "1"}, f"2030-01-0{day}T10:31:00Z")
    whole = used(scrip, account, by="member")
    assert len(whole) == 12
    for limit in (1, 3, 5, 12):
        found, query = list[Json](), {"by": "member", "limit": str(limit)}
        while True:
            answer = scrip.get(f"/v1/accounts/{account}/usage", query=query)
            assert answer.status == 200, answer.text
            found += answer.body["items"]
            if answer.body["next_cursor"] is None:
                break
            query["cursor"] = answer.body["next_cursor"]
        assert found == whole


def test_days_are_those_of_a_zone(scrip: Deployment, account: str) -> None:
    """22:30 UTC on the 1st is half past six on the 2nd in Shanghai. In Kolkata days begin with half an hour."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3"}, "2030-01-01T22:30:00Z")
    (row,) = used(scrip, account, time_zone="Asia/Shanghai")
    assert (row["from"], row["to"]) == ("2030-01-01T16:00:00.000Z", "2030-01-02T16:00:00.000Z")
    (long,) = used(scrip, account, time_zone="America/Sao_Paulo")
    assert long["from"] == "2030-01-01T03:00:00.000Z"
    path = f"/v1/accounts/{account}/usage"
    invalid(scrip.get(path, query={"time_zone": "Asia/Kolkata"}), "time_zone")
    invalid(scrip.get("/v1/accounts/nobody/usage", query={"time_zone": "Asia/Kolkata"}), "time_zone")
    long_ago = {"time_zone": "Europe/Berlin", "from": "1800-01-01T00:00:00Z"}
    assert len(used(scrip, account, **long_ago)) == 1, "by the sun, as Berlin's clocks went then"
    invalid(scrip.get(path, query={"time_zone": "Asia/Shanghai", "every": "PT1H"}), "time_zone")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "unit"}, "by"),
        ({"by": "tag:"}, "by"),
        ({"by": "dimension:" + "x" * 101}, "by"),
        ({"every": "P1M"}, "every"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"from": "2030-01-02T00:00:00Z", "to": "2030-01-02T00:00:00Z"}, "to"),
        ({"meter": "a b"}, "meter"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_is_wrong_is_named(scrip: Deployment, account: str, query: dict[str, str], field: str) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/usage", query=query), field)


def test_a_customer_sees_its_own_and_nothing_internal(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3", "tags": {"internal.cost": "7"}})
    own, other = Key("read", account=account), Key("read", account="somebody")
    path = f"/v1/accounts/{account}/usage"
    assert scrip.get(path, caller=own).body["items"][0]["credits"] == "3"
    refused(scrip.get(path, caller=other), 403, "forbidden")
    refused(scrip.get(path, query={"by": "tag:internal.cost"}, caller=own), 403, "forbidden")
    assert of(used(scrip, account, by="tag:internal.cost")) == [("7", None, "3", None)]


def test_it_is_a_table_too(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", kind="paid", cost_basis={"amount": 100, "currency": "EUR"}, clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3", "member": "ann"})
    answer = scrip.get(
        f"/v1/accounts/{account}/usage", query={"by": "member"}, headers={"accept": "text/csv"}
    )
    assert answer.status == 200, answer.text
    head, row, *_ = answer.text.split("\r\n")
    assert head == "from,to,by,quantity,credits,value.amount,value.currency,values"
    assert row == "2030-01-01T00:00:00.000Z,2030-01-02T00:00:00.000Z,ann,,3,30,EUR,"


class Life:
    """A wallet to which anything happens that uses credits, gives them back or repays, from a seed."""

    def __init__(self, scrip: Deployment, account: str, seed: int) -> None:
        self._scrip, self.account, self._dice = scrip, account, random.Random(seed)
        self.unit, self.now = f"u-{uuid.uuid4().hex[:8]}", 1_893_456_000_000
        policy = {"precision": self._dice.choice((0, 2, 6)), "policy": {"overdraft_limit": "50"}}
        assert scrip.put(f"/v1/units/{self.unit}", policy).status == 201
        self._meters = [f"m{number}-{self.unit}" for number in range(3)]
        for meter, price in zip(self._meters, ("2", "0.3333", "0.001"), strict=True):
            card = {"unit": self.unit, "price": {"model": "per_unit", "credits": price}}
            assert scrip.put(f"/v1/rates/{meter}", card).status == 201
        self.burned: list[str] = []
        self._holds: list[str] = []
        self._next: dict[str, int] = {"": 0}

    @property
    def clock(self) -> str:
        return format_instant(self.now)

    def goes_on(self) -> None:
        self.now += self._dice.choice((0, 1_000, 600_000, 18_000_000, 86_400_000))
        what = self._dice.choice(
            ("burn", "burn", "page", "hold", "capture", "settle", "undo", "undo", "grant")
        )
        getattr(self, f"_{what}")()

    def undo_all(self) -> None:
        for entry_id in self.burned:
            self._send(f"burns/{entry_id}/reversal")

    def _send(self, path: str, **body: Any) -> Answer:
        answer = self._scrip.move(self.account, path, clock=self.clock, **body)
        assert answer.status < 500, answer.text
        return answer

    def _who(self) -> Json:
        said: tuple[Json, ...] = (
            {},
            {"member": "ann"},
            {"member": "bob", "tags": {"team": "a"}},
            {"tags": {"team": "b"}},
        )
        return {"unit": self.unit, **self._dice.choice(said)}

    def _item(self) -> Json:
        return {
            "meter": self._dice.choice(self._meters),
            "quantity": f"{self._dice.randint(1, 900) / 100}",
            "dimensions": self._dice.choice(({}, {"model": "x"}, {"model": "y"})),
        }

    def _grant(self) -> None:
        cost = {"amount": self._dice.randint(1, 999), "currency": self._dice.choice(("EUR", "USD"))}
        paid = self._dice.choice(({}, {"kind": "paid", "cost_basis": cost}))
        self._send("grants", amount=str(self._dice.randint(5, 60)), unit=self.unit, **paid)

    def _burn(self) -> None:
        items = {"items": [self._item() for _ in range(self._dice.randint(1, 3))]}
        body: Json = self._dice.choice((items, self._item(), {"amount": str(self._dice.randint(1, 9))}))
        answer = self._send("burns", mode=self._dice.choice(("exact", "up_to")), **body, **self._who())
        if answer.status == 201:
            self.burned.append(answer.body["entry"]["entry_id"])

    def _records(self) -> list[Any]:
        made: list[Any] = []
        for _ in range(self._dice.randint(1, 5)):
            one = self._item()
            counted = [one["meter"], one["quantity"], "r", one["dimensions"]]
            made.append(
                self._dice.choice((counted, [str(self._dice.randint(1, 5)), "r"], None, ["9999", "r"]))
            )
        return made

    def _booked(self, path: str, count: str, status: int, **body: Any) -> None:
        body = {**body, "first": self._next[count], "records": self._records()}
        answer = self._scrip.post(f"/v1/accounts/{self.account}/{path}", body, clock=self.clock)
        assert answer.status < 500, answer.text
        if answer.status == status:
            self._next[count] = answer.body["next"]
            self.burned += [entry["entry_id"] for entry in [answer.body["entry"]] if entry]

    def _page(self) -> None:
        self._booked("burns/pages", "", 200, stream="a", **self._who())

    def _hold(self) -> None:
        body = self._dice.choice(({"lease": True}, {"over_capture": "burn_extra"}))
        answer = self._send("holds", amount="9", expires_in="P1D", **body, **self._who())
        if answer.status == 201:
            hold = answer.body["hold"]["hold_id"]
            (self._next.setdefault(hold, 0) if "lease" in body else self._holds.append(hold))

    def _capture(self) -> None:
        if self._holds:
            body = self._dice.choice(({}, {"amount": "3"}, {"items": [self._item()]}))
            hold = self._dice.choice(self._holds)
            answer = self._send(f"holds/{hold}/capture", final=self._dice.random() < 0.5, **body)
            if answer.status == 201:
                self.burned.append(answer.body["entry"]["entry_id"])

    def _settle(self) -> None:
        if leases := [hold for hold in self._next if hold]:
            hold = self._dice.choice(leases)
            self._booked(f"holds/{hold}/settle", hold, 201, renew="5")

    def _undo(self) -> None:
        if self.burned:
            offset = {"offset": self._dice.randint(0, 6)}
            body = self._dice.choice(({}, {"amount": "2"}, offset, {**offset, "amount": "1"}))
            self._send(f"burns/{self._dice.choice(self.burned)}/reversal", **body)


BY: Final = ("", "meter", "member", "tag:team", "dimension:model")


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 60))]
)
def test_whatever_happens_the_rows_are_what_the_entries_say(
    scrip: Deployment, account: str, seed: int
) -> None:
    """Law 8: by whatever they are told apart, page by page, also once all is undone that can be."""
    life = Life(scrip, account, seed)
    for step in range(40):
        life.goes_on()
        if step % 7 == 3:
            adds_up(scrip, life)
    life.undo_all()
    adds_up(scrip, life)


def adds_up(scrip: Deployment, life: Life) -> None:
    path, entries, query = f"/v1/accounts/{life.account}/entries", list[Json](), {"unit": life.unit}
    while True:
        answer = scrip.get(path, query=query, clock=life.clock).body
        entries += [entry for entry in answer["items"] if entry.get("booked", True)]
        if answer["next_cursor"] is None:
            break
        query["cursor"] = answer["next_cursor"]
    spent = [one for one in entries if one["kind"] in ("burn", "capture", "reversal")]
    credits = -sum((Fraction(entry["amount"]) for entry in spent), Fraction(0))
    # What is undone gives back less where it was owed, so the money is held against each other alone.
    moneys = [_money(paged(scrip, life, by, limit), credits) for by in BY for limit in ("3", "1000")]
    assert moneys == [moneys[0]] * len(moneys)
    version = scrip.get(f"/v1/accounts/{life.account}/balance", query={"unit": life.unit}, clock=life.clock)
    rollups.catch_up(runtime.tables(), life.account, life.unit, version.body["version"], lambda: True, kept=9)
    assert list(check_wallet(runtime.tables(), life.account, life.unit).discrepancies) == []


def paged(scrip: Deployment, life: Life, by: str, limit: str) -> list[Json]:
    rows, query = (
        list[Json](),
        {"unit": life.unit, "every": "PT1H", "limit": limit} | ({"by": by} if by else {}),
    )
    while True:
        answer = scrip.get(f"/v1/accounts/{life.account}/usage", query=query)
        assert answer.status == 200, answer.text
        rows += answer.body["items"]
        if answer.body["next_cursor"] is None:
            assert len({(row["from"], row["by"]) for row in rows}) == len(rows)
            return rows
        query["cursor"] = answer.body["next_cursor"]


def _money(rows: list[Json], credits: Fraction) -> dict[str, int]:
    """What rows add up to by currency; their credits are these."""
    assert sum(Fraction(row["credits"]) for row in rows) == credits
    found: Counter[str] = Counter()
    for row in rows:
        assert row["quantity"] is None or Fraction(row["quantity"]) >= 0
        for money in row.get("values", [row["value"]] if row["value"] else []):
            found[money["currency"]] += money["amount"]
    return {currency: amount for currency, amount in found.items() if amount}


def test_usage_that_is_told_later_counts_when_it_was(scrip: Deployment, account: str) -> None:
    """Three days late, and what is given back of it too; also where that day was asked for before."""
    assert scrip.put("/v1/rates/calls", CARD, clock="2029-01-01T00:00:00Z").status == 201
    scrip.grant(account, "100", clock="2029-12-01T00:00:00Z")
    burn(scrip, account, {"meter": "calls", "quantity": "1"}, "2029-12-30T12:00:00Z")
    rollups.catch_up(runtime.tables(), account, "credits", 2, lambda: True, kept=1)
    events = [
        reported("late", account, "3", time="2029-12-29T23:59:59.999Z", data={"member": "ann"}),
        reported("now", account, "4"),
    ]
    accepted(scrip.report(*events, clock="2030-01-01T00:00:00.000Z"), 2)
    assert scrip.book_usage() == []
    days = [(row["from"][:10], row["quantity"], row["credits"]) for row in used(scrip, account, by="meter")]
    assert days == [("2029-12-29", "3", "6"), ("2029-12-30", "1", "2"), ("2030-01-01", "4", "8")]
    late = next(one for one in scrip.entries(account) if one.get("member") == "ann")
    reverse(scrip, account, late, "2030-01-02T00:00:00Z", amount="2")
    assert used(scrip, account)[0]["credits"] == "4"
    rollups.catch_up(runtime.tables(), account, "credits", 5, lambda: True, kept=1)
    assert used(scrip, account)[0]["quantity"] == "2"


def test_the_streams_reader_keeps_what_was_used(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the rights that it has, and whoever asks then reads what is new alone."""
    monkeypatch.setattr(rollups, "EVERY", 2)
    scrip.grant(account, "10", clock=NEW_YEAR)
    entry = burn(scrip, account, {"amount": "3"})
    burn(scrip, account, {"amount": "2"}, "2030-01-02T00:00:00Z")
    reverse(scrip, account, entry, "2030-01-03T00:00:00Z", amount="1")
    burn(scrip, account, {"amount": "1"}, "2030-01-04T00:00:00Z")
    index(account)
    assert rollups.load(runtime.tables(), account, "credits").spending.seq == 4
    with scrip.calls() as made:
        rows = used(scrip, account)
    assert [row["credits"] for row in rows] == ["2", "2", "1"]
    assert len([one for one in made if one.name == "BatchGetItem"]) <= 2
    index(account)
    assert [row["credits"] for row in used(scrip, account)] == ["2", "2", "1"]


def test_whoever_asks_keeps_what_is_much(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the rights of a function that may write nothing else."""
    monkeypatch.setattr(rollups, "KEPT", 2)
    scrip.grant(account, "10", clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3"})
    assert [row["credits"] for row in used(scrip, account)] == ["3"]
    assert rollups.load(runtime.tables(), account, "credits").spending.seq == 2
    assert [row["credits"] for row in used(scrip, account)] == ["3"]
