"""Entries, found by what they are about (meter, reference, lot, actor, metadata); and what is due, as if booked."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.limits import LISTED_ENTRIES
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Key, lot_of
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")


def seqs(scrip: Deployment, account: str, **query: str) -> list[int]:
    """The sequences of the entries that a query finds, newest first."""
    answer = scrip.get(f"/v1/accounts/{account}/entries", query=query)
    assert answer.status == 200, answer.text
    return [entry["seq"] for entry in answer.body["items"]]


@pytest.fixture
def told(scrip: Deployment, account: str) -> str:
    """1 and 2 grant 100 and 50; 3 burns 7 tiles for job 1; 4 burns 120 of both lots; 5 holds 5 for the meter, 6
    captures it; 7 is reason and metadata alone."""
    scrip.put(f"/v1/rates/{account}", {"price": {"model": "per_unit", "credits": "1"}})
    scrip.grant(account, "100", priority=1)
    scrip.grant(account, "50", caller=Key("grant", key_id="k2"))
    used = {"meter": account, "quantity": "7", "amount": None}
    path = f"/v1/accounts/{account}"
    scrip.post(f"{path}/burns", {**used, "reference": {"type": "job", "id": "1"}}, key="b1")
    scrip.burn(account, "120", reference={"type": "job", "id": "a:b"}, metadata={"env": "prod", "a.b": "1"})
    hold = scrip.move(account, "holds", amount="5", meter=account).body["hold"]["hold_id"]
    scrip.move(account, f"holds/{hold}/capture")
    scrip.burn(account, "1", metadata={"env": "dev"})
    return account


def test_entries_are_found_by_what_they_are_about(scrip: Deployment, told: str) -> None:
    """93 of lot 1 are left for the burn of 120, and 27 of lot 2; hold, capture and the last burn are of lot 2."""
    assert seqs(scrip, told) == [7, 6, 5, 4, 3, 2, 1]
    assert seqs(scrip, told, meter=told) == [6, 5, 3]
    assert seqs(scrip, told, meter="other") == []
    assert seqs(scrip, told, reference="job:1") == [3]
    assert seqs(scrip, told, reference="job:a:b") == [4]
    assert seqs(scrip, told, reference="jo:b:1") == []
    assert seqs(scrip, told, lot=lot_of(told, 1)) == [4, 3, 1]
    assert seqs(scrip, told, lot=lot_of(told, 2)) == [7, 6, 5, 4, 2]
    assert seqs(scrip, told, actor="key:k2") == [2]
    assert seqs(scrip, told, **{"metadata.env": "prod"}) == [4]
    assert seqs(scrip, told, **{"metadata.a.b": "1"}) == [4]
    assert seqs(scrip, told, **{"metadata.env": "dev", "metadata.a.b": "1"}) == []


@pytest.mark.parametrize(
    ("type_", "id_"), [("urn:x", "1"), ("a", "b:c"), (":", ":"), ("job", "5 + 5"), ("Auftrag", "Größe|1")]
)
def test_any_reference_that_can_be_given_can_be_listed_by(
    scrip: Deployment, account: str, type_: str, id_: str
) -> None:
    """As it is searched for across accounts: by its type, a colon and its id, whatever colons these have."""
    scrip.grant(account, "1")
    scrip.grant(account, "1", reference={"type": type_, "id": id_})
    assert seqs(scrip, account, reference=f"{type_}:{id_}") == [2]


def test_filters_hold_together(scrip: Deployment, told: str) -> None:
    assert seqs(scrip, told, lot=lot_of(told, 2), kind="burn") == [7, 4]
    assert seqs(scrip, told, lot=lot_of(told, 1), meter=told, kind="burn") == [3]
    assert seqs(scrip, told, meter=told, limit="2") == [6, 5]


def test_what_these_5_were_for_is_one_call(scrip: Deployment, told: str) -> None:
    """A capture of 5 by amount says the meter that they were held for."""
    (captured,) = scrip.get(f"/v1/accounts/{told}/entries", query={"kind": "capture", "meter": told}).body[
        "items"
    ]
    assert captured["usage"] == {"meter": told, "quantity": None, "dimensions": {}, "rate_version": None}


def test_to_whom_these_40_went_is_one_call(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": {"transferable": True}})
    scrip.grant(account, "100", unit=account)
    scrip.move(account, "transfers", unit=account, to_account=f"{account}.to", amount="40")
    (sent,) = scrip.get(
        f"/v1/accounts/{account}/entries", query={"unit": account, "kind": "transfer_out"}
    ).body["items"]
    assert (sent["amount"], sent["counterpart"]["account"]) == ("-40", f"{account}.to")
    (lot,) = scrip.lots(f"{account}.to", unit=account)
    assert lot["counterpart"] == {"account": account, "entry_id": sent["entry_id"]}
    (arrived,) = scrip.entries(f"{account}.to", unit=account)
    assert arrived["entry_id"] == sent["counterpart"]["entry_id"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"reference": "job"}, "reference"),
        ({"reference": ":1"}, "reference"),
        ({"reference": "job:"}, "reference"),
        ({"reference": "job:" + "x" * 400}, "reference"),
        ({"meter": "a b"}, "meter"),
        ({"metadata.": "1"}, "metadata."),
        ({"metadata": "1"}, "metadata"),
        ({"metadatax": "1"}, "metadatax"),
    ],
)
def test_what_is_no_filter_is_named(
    scrip: Deployment, account: str, query: dict[str, str], field: str
) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/entries", query=query), field)


def test_a_lot_that_is_not_of_this_wallet_is_not_found(scrip: Deployment, told: str) -> None:
    path = f"/v1/accounts/{told}/entries"
    refused(scrip.get(path, query={"lot": "lot_1"}), 404, "not_found")
    refused(scrip.get(path, query={"lot": lot_of("other", 1)}), 404, "not_found")


def test_a_lot_says_its_unit_itself(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    scrip.grant(account, "10", unit=account)
    assert seqs(scrip, account, lot=lot_of(account, 1, account)) == [1]


def test_a_key_of_one_account_cannot_ask_for_what_it_is_not_shown(scrip: Deployment, told: str) -> None:
    path, mine = f"/v1/accounts/{told}/entries", Key("read", told)
    assert scrip.get(path, query={"metadata.env": "prod"}, caller=mine).status == 200
    for query in ({"actor": "key:k1"}, {"metadata.internal.margin": "3"}):
        refused(scrip.get(path, query=query, caller=mine), 403, "forbidden")


def test_where_nothing_fits_a_page_looks_at_a_thousand_entries_and_goes_on(
    scrip: Deployment, account: str
) -> None:
    """1 001 entries, of which the first alone fits: an empty page, then a page with it."""
    scrip.grant(account, "2000", metadata={"first": "1"})
    for number in range(0, LISTED_ENTRIES, 50):
        burns = [{"key": f"b{number}.{one}", "amount": "1"} for one in range(50)]
        assert scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}).status == 200
    path, query = f"/v1/accounts/{account}/entries", {"metadata.first": "1", "limit": "5"}
    page = scrip.get(path, query=query).body
    assert (page["items"], page["through_seq"]) == ([], 1001)
    last = scrip.get(path, query={**query, "cursor": page["next_cursor"]}).body
    assert ([entry["seq"] for entry in last["items"]], last["next_cursor"]) == ([1], None)


class TestWhatIsDue:
    """Of 100, 10 expire with the year's first day and 20 with its second; nobody books it."""

    @pytest.fixture
    def owner(self, scrip: Deployment, account: str) -> str:
        for amount, days in (("70", None), ("10", "P1D"), ("20", "P2D")):
            scrip.grant(account, amount, clock=NEW_YEAR, expires_in=days)
        return account

    def page(self, scrip: Deployment, account: str, clock: str, **query: str) -> Any:
        answer = scrip.get(f"/v1/accounts/{account}/entries", query=query, clock=clock)
        assert answer.status == 200, answer.text
        return answer.body

    def test_it_is_listed_first_as_if_it_were_booked(self, scrip: Deployment, owner: str) -> None:
        with scrip.unwritten():
            page = self.page(scrip, owner, "2030-01-04T00:00:00.000Z")
        told = [(one["seq"], one["kind"], one["amount"], one.get("booked")) for one in page["items"]]
        assert told == [
            (5, "expiry", "-20", False),
            (4, "expiry", "-10", False),
            (3, "grant", "20", None),
            (2, "grant", "10", None),
            (1, "grant", "70", None),
        ]
        for one in page["items"][:2]:
            assert (one["entry_id"], one["hash"], one["previous_hash"]) == (None, None, None)
        assert [one["at"][:10] for one in page["items"][:2]] == ["2030-01-03", "2030-01-02"]
        assert (page["items"][0]["balance_after"], page["through_seq"]) == ("70", 3)

    def test_once_it_is_booked_it_is_the_same_with_an_id_and_a_hash(
        self, scrip: Deployment, owner: str
    ) -> None:
        before = self.page(scrip, owner, "2030-01-04T00:00:00.000Z")["items"]
        scrip.sweep("2030-01-04T00:00:00.000Z")
        after = self.page(scrip, owner, "2030-01-04T00:00:00.000Z")["items"]
        unknown = {
            "entry_id": None,
            "hash": None,
            "previous_hash": None,
            "recorded_at": None,
            "booked": False,
        }
        assert {one["recorded_at"] for one in before if "booked" in one} == {None}
        assert [{**one, **unknown} for one in after] == [{**one, **unknown} for one in before]
        assert all("booked" not in one and one["entry_id"] and one["hash"] for one in after)

    def test_it_is_filtered_and_paged_like_the_others(self, scrip: Deployment, owner: str) -> None:
        clock = "2030-01-04T00:00:00.000Z"
        assert [one["seq"] for one in self.page(scrip, owner, clock, kind="expiry")["items"]] == [5, 4]
        query = {"lot": lot_of(owner, 2)}
        assert [one["seq"] for one in self.page(scrip, owner, clock, **query)["items"]] == [4, 2]
        assert [one["seq"] for one in self.page(scrip, owner, clock, actor="time")["items"]] == [5, 4]
        until = {"to": "2030-01-02T12:00:00.000Z"}
        assert [one["seq"] for one in self.page(scrip, owner, clock, **until)["items"]] == [4, 3, 2, 1]
        found: list[list[int]] = []
        cursor: str | None = None
        while not found or cursor:
            more: dict[str, str] = {"cursor": cursor} if cursor else {}
            page = self.page(scrip, owner, clock, limit="1", **more)
            found.append([one["seq"] for one in page["items"]])
            cursor = page["next_cursor"]
        assert [one for one in found if one] == [[5], [4], [3], [2], [1]]

    def test_what_is_not_due_yet_is_not_there(self, scrip: Deployment, owner: str) -> None:
        assert [one["seq"] for one in self.page(scrip, owner, NEXT_DAY)["items"]] == [4, 3, 2, 1]
        refused(
            scrip.get(f"/v1/accounts/{owner}/entries", clock="2026-12-01T00:00:00.000Z"),
            422,
            "clock_backwards",
        )
