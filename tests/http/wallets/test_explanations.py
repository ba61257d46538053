"""Why a balance is what it is: told from the ledger alone, and proved (laws 1, 4 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.http.edge import parameters
from scrip.http.edge.parameters import Query, instant
from scrip.http.wallets.explanations import told_before
from scrip.services.wallets import explanations
from scrip.store import keys
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Key, cursor_in, lot_of, short
from tests.http.contract import LOT, MOVED_BALANCE, invalid, refused, whole_balance

Json = dict[str, Any]
NOON = "2030-01-01T12:00:00.000Z"


def explain(
    scrip: Deployment, account: str, unit: str = "credits", clock: str = NEW_YEAR, **query: str
) -> Json:
    answer = scrip.get(f"/v1/accounts/{account}/explain", query={"unit": unit, **query}, clock=clock)
    assert answer.status == 200, answer.text
    found: Json = answer.body
    return found


def test_it_says_the_balance_the_lots_the_entries_and_the_proof(scrip: Deployment, account: str) -> None:
    cost = {"amount": 1000, "currency": "USD"}
    granted = scrip.grant(account, "100", clock=NEW_YEAR, kind="paid", cost_basis=cost)
    scrip.grant(account, "7", clock=NEW_YEAR, priority=1)
    burned = scrip.burn(account, "30", clock=NEW_YEAR)
    found = explain(scrip, account)
    assert set(found) == {"balance", "order", "lots", "changes", "entries", "proof", "next_cursor"}
    whole_balance(found["balance"], MOVED_BALANCE)
    assert (found["balance"]["total"], found["balance"]["version"]) == ("77", 3)
    assert found["order"] == "priority_expiry_cost"
    (lot,) = found["lots"]
    assert set(lot) == LOT | {"place", "why", "entries"}
    assert (short(lot["lot_id"]), lot["remaining"], lot["place"]) == ("lot_1", "77", 1)
    assert lot["entries"] == [granted.body["entry"]["entry_id"], burned.body["entry"]["entry_id"]]
    assert found["entries"][2] == {
        "entry_id": burned.body["entry"]["entry_id"],
        "seq": 3,
        "kind": "burn",
        "amount": "-30",
        "balance_after": "77",
        "at": NEW_YEAR,
        "booked": True,
    }
    assert [entry["amount"] for entry in found["entries"]] == ["100", "7", "-30"]
    assert found["proof"] == {
        "entries": 3,
        "sum_of_amounts": "77",
        "sum_of_lots_less_owed": "77",
        "head": burned.body["entry"]["hash"],
        "agrees": True,
        "findings": [],
    }


def test_a_wallet_never_seen_has_nothing_to_explain(scrip: Deployment, account: str) -> None:
    found = explain(scrip, account)
    assert (found["lots"], found["entries"], found["balance"]["total"]) == ([], [], "0")
    assert found["proof"] == {
        "entries": 0,
        "sum_of_amounts": "0",
        "sum_of_lots_less_owed": "0",
        "head": None,
        "agrees": True,
        "findings": [],
    }


# The lots of a wallet and, for each order, in which place they are and by what.

LOTS: list[Json] = [
    {"amount": "1"},
    {"amount": "2", "priority": 0},
    {"amount": "3", "expires_at": "2030-01-08T00:00:00Z"},
    {"amount": "4", "expires_at": NEXT_DAY},
    {"amount": "5", "expires_at": NEXT_DAY, "kind": "paid", "cost_basis": {"amount": 10, "currency": "USD"}},
    {"amount": "6", "expires_at": NEXT_DAY, "kind": "paid", "cost_basis": {"amount": 6, "currency": "USD"}},
    {"amount": "7", "priority": 100, "expires_at": NEXT_DAY},
]
ORDERS: list[tuple[str, list[int], list[str]]] = [
    (
        "priority_expiry_cost",
        [2, 4, 6, 5, 3, 1, 7],
        ["priority", "expires_at", "has_cost_basis", "cost_basis", "effective_at", "grant_sequence"],
    ),
    (
        "stripe",
        [2, 4, 5, 6, 3, 1, 7],
        ["priority", "expires_at", "has_cost_basis", "effective_at", "grant_sequence"],
    ),
    ("openmeter", [2, 4, 5, 6, 3, 1, 7], ["priority", "expires_at", "grant_sequence"]),
    ("lago", [2, 1, 3, 4, 5, 6, 7], ["priority", "kind", "grant_sequence"]),
    ("flexprice", [2, 6, 5, 4, 3, 1, 7], ["priority", "expires_at", "granted", "grant_sequence"]),
]


@pytest.mark.parametrize(("order", "places", "by"), ORDERS, ids=[row[0] for row in ORDERS])
def test_each_lot_has_its_place_and_why(
    scrip: Deployment, account: str, order: str, places: list[int], by: list[str]
) -> None:
    unit = f"{order}-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"order": order}})
    for body in LOTS:
        scrip.grant(account, unit=unit, clock=NEW_YEAR, **body)
    found = explain(scrip, account, unit)
    assert found["order"] == order
    assert [lot["lot_id"] for lot in found["lots"]] == [lot_of(account, seq, unit) for seq in places]
    assert [lot["place"] for lot in found["lots"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [lot["lot_id"] for lot in scrip.lots(account, unit=unit)] == [
        lot_of(account, seq, unit) for seq in places
    ]
    known = {
        "priority": 50,
        "expires_at": NEXT_DAY,
        "has_cost_basis": True,
        "cost_basis": {"amount": 10, "currency": "USD"},
        "granted": "5",
        "kind": "paid",
        "effective_at": NEW_YEAR,
        "grant_sequence": 5,
    }
    fifth = next(lot for lot in found["lots"] if lot["lot_id"] == lot_of(account, 5, unit))
    assert fifth["why"] == [{"by": name, "value": known[name]} for name in by]
    drawn = scrip.burn(account, "28", unit=unit, clock=NEW_YEAR).body["entry"]["draws"]
    assert [draw["lot_id"] for draw in drawn] == [lot_of(account, seq, unit) for seq in places], (
        "and so they are taken"
    )


def test_a_past_instant_is_explained_as_it_was(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    burned = scrip.burn(account, "30", clock="2030-01-01T01:00:00Z")
    scrip.post(
        f"/v1/accounts/{account}/burns/{burned.body['entry']['entry_id']}/reversal",
        {"amount": "10"},
        key="r1",
        clock="2030-01-01T02:00:00Z",
    )
    rows = [
        ("2029-12-31T00:00:00Z", "0", 0, None),
        (NEW_YEAR, "100", 1, "100"),
        ("2030-01-01T01:00:00Z", "70", 2, "70"),
        ("2030-01-01T01:59:59.999Z", "70", 2, "70"),
        ("2030-01-01T02:00:00Z", "80", 3, "80"),
    ]
    for at, total, entries, remaining in rows:
        found = explain(scrip, account, clock=NOON, at=at)
        assert (found["balance"]["total"], found["proof"]["entries"]) == (total, entries)
        assert [lot["remaining"] for lot in found["lots"]] == ([remaining] if remaining else [])
        assert (found["proof"]["agrees"], found["proof"]["sum_of_amounts"]) == (True, total)


def test_what_time_did_and_nobody_booked_is_told_as_such(scrip: Deployment, account: str) -> None:
    """Law 5; and nothing is written by it."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    scrip.grant(account, "20", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "5", clock=NEW_YEAR, effective_at=NOON)
    with scrip.unwritten():
        before, after = explain(scrip, account), explain(scrip, account, clock=NEXT_DAY)
    assert [lot["status"] for lot in before["lots"]] == ["open", "open", "pending"]
    assert [short(lot["lot_id"]) for lot in after["lots"]] == ["lot_1", "lot_3"]
    told = [(entry["kind"], entry["amount"], entry["at"], entry["booked"]) for entry in after["entries"][3:]]
    assert told == [("expiry", "-20", NOON, False), ("activation", "0", NOON, False)]
    assert (after["balance"]["total"], after["balance"]["version"]) == ("105", 3)
    assert (after["proof"]["entries"], after["proof"]["sum_of_amounts"]) == (3, "105")
    assert after["proof"]["head"] == before["proof"]["head"], "the last that is written down"
    assert after["proof"]["agrees"] is True
    middle = explain(scrip, account, clock=NEXT_DAY, at="2030-01-01T11:59:59.999Z")
    assert middle["balance"]["total"] == "125"
    scrip.sweep(NEXT_DAY)
    booked = explain(scrip, account, clock=NEXT_DAY)
    assert [entry["booked"] for entry in booked["entries"]] == [True] * 5


def test_debt_holds_and_scopes_are_in_it(scrip: Deployment, account: str) -> None:
    unit = f"owing-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"overdraft_limit": "9", "repay_first": False}})
    scrip.grant(account, "10", unit=unit)
    scrip.burn(account, "15", unit=unit)
    scrip.grant(account, "20", unit=unit, scope=["images"])
    scrip.grant(account, "30", unit=unit)
    scrip.post(f"/v1/accounts/{account}/holds", {"amount": "12", "unit": unit}, key="h1")
    answer = scrip.get(f"/v1/accounts/{account}/explain", query={"unit": unit}).body
    assert [
        (short(lot["lot_id"]), lot["remaining"], lot["held"], lot["scope"]) for lot in answer["lots"]
    ] == [
        ("lot_3", "20", "0", ["images"]),
        ("lot_4", "18", "12", []),
    ]
    assert (answer["balance"]["owed"], answer["balance"]["total"]) == ("5", "45")
    assert answer["proof"]["sum_of_lots_less_owed"] == "45"


# Tampering


FLIPS: list[tuple[str, int, str, str]] = [
    # in which entry, what becomes what (two bytes of a text of its row, or one)
    ("an amount", 2, '"amount":"-30000000"', '"amount":"-20000000"'),
    ("a balance", 2, '"after":["70000000"', '"after":["71000000"'),
    ("a draw", 2, '"draws":[[1,"30000000"', '"draws":[[1,"40000000"'),
    ("a drawn lot", 2, '"draws":[[1,', '"draws":[[7,'),
    ("a grant", 1, '"granted":"100000000"', '"granted":"900000000"'),
    ("an instant", 2, "001893456000000.", "001893456000001."),
    ("an actor", 2, '"actor":"key:k1"', '"actor":"key:k2"'),
    ("a kind", 2, "burn", "void"),
    ("a sequence", 2, '"seq":2', '"seq":9'),
    ("the form", 2, '{"after"', '["after"'),
    ("a number", 2, '"amount":"-30000000"', '"amount":"-3000000x"'),
]


@pytest.mark.parametrize(("_", "seq", "was", "now"), FLIPS, ids=[row[0].replace(" ", "-") for row in FLIPS])
def test_a_flipped_byte_shows_in_the_findings(
    scrip: Deployment, account: str, _: str, seq: int, was: str, now: str
) -> None:
    """Law 4: never a 500, and never a proof that agrees."""
    entry = scrip.grant(account, "100", clock=NEW_YEAR).body["entry"]
    burned = scrip.burn(account, "30", clock=NEW_YEAR).body["entry"]
    scrip.burn(account, "1", clock=NEW_YEAR)
    key: Any = {
        "pk": {"S": keys.wallet(account, "credits")},
        "sk": {"S": (entry if seq == 1 else burned)["entry_id"]},
    }
    row = scrip.dynamodb.get_item(TableName="ledger", Key=key)["Item"]
    (name,) = [one for one in ("body", "tl", "kind") if was in row[one]["S"]]
    scrip.dynamodb.update_item(
        TableName="ledger",
        Key=key,
        UpdateExpression="SET #name = :text",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":text": {"S": row[name]["S"].replace(was, now)}},
    )
    found = explain(scrip, account)
    assert found["proof"]["agrees"] is False
    assert found["proof"]["findings"]


def test_a_row_that_is_gone_shows_in_the_findings(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    gone = scrip.burn(account, "30", clock=NEW_YEAR).body["entry"]
    scrip.burn(account, "1", clock=NEW_YEAR)
    key: Any = {"pk": {"S": keys.wallet(account, "credits")}, "sk": {"S": gone["entry_id"]}}
    scrip.dynamodb.delete_item(TableName="ledger", Key=key)
    found = explain(scrip, account)
    assert found["proof"]["agrees"] is False
    assert "entry 2 is missing" in found["proof"]["findings"]


# What is wrong


def test_the_future_is_not_explained(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/explain"
    invalid(scrip.get(path, query={"at": "2030-01-01T00:00:00.001Z"}, clock=NEW_YEAR), "at")
    invalid(scrip.get(path, query={"at": "yesterday"}), "at")
    refused(scrip.get(path, query={"unit": "nowhere"}), 404, "not_found", unit="nowhere")


def pages(scrip: Deployment, account: str, limit: int, clock: str = NEW_YEAR, **query: str) -> list[Json]:
    """Every page of an explanation."""
    found = [explain(scrip, account, clock=clock, limit=str(limit), **query)]
    while found[-1]["next_cursor"]:
        found.append(
            explain(scrip, account, clock=clock, limit=str(limit), cursor=found[-1]["next_cursor"], **query)
        )
    return found


def lived(scrip: Deployment, account: str) -> None:
    """Sixteen entries: 100 and 20 granted, ten burns of 3, a hold of 5, 2 of it captured, the rest released, one burn
    taken back, 7 expire."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    scrip.grant(account, "20", clock=NEW_YEAR, expires_at=NOON, priority=60)
    burns = [scrip.burn(account, "3", clock=NEW_YEAR).body["entry"]["entry_id"] for _ in range(10)]
    path = f"/v1/accounts/{account}"
    held = scrip.post(f"{path}/holds", {"amount": "5"}, key="h", clock=NEW_YEAR).body["hold"]["hold_id"]
    body = {"amount": "2", "final": True}
    assert scrip.post(f"{path}/holds/{held}/capture", body, key="c", clock=NEW_YEAR).status == 201
    assert scrip.post(f"{path}/burns/{burns[4]}/reversal", {}, key="r", clock=NEW_YEAR).status == 201


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 15, 16])
def test_a_long_history_is_explained_page_by_page_with_exact_sums(
    scrip: Deployment, account: str, limit: int
) -> None:
    """100 + 20 - 30 - 2 + 3 = 91, of which 71 in the first lot and 20 in the second (laws 1 and 4)."""
    lived(scrip, account)
    whole = explain(scrip, account)
    assert (whole["balance"]["total"], whole["proof"]["entries"], whole["next_cursor"]) == ("91", 16, None)
    found = pages(scrip, account, limit)
    assert len(found) == -(-16 // limit)
    assert [entry for page in found for entry in page["entries"]] == whole["entries"]
    assert [len(page["entries"]) for page in found[:-1]] == [limit] * (len(found) - 1)
    total = 0
    left: dict[str, int] = {}
    for page in found:
        total += sum(int(entry["amount"]) for entry in page["entries"])
        for change in page["changes"]:
            left[change["lot_id"]] = left.get(change["lot_id"], 0) + int(change["change"])
        assert page["proof"]["agrees"] is True
        assert int(page["proof"]["sum_of_amounts"]) == total
        assert int(page["proof"]["sum_of_lots_less_owed"]) == sum(left.values()) == total
        assert page["proof"]["entries"] == page["entries"][-1]["seq"]
        assert page["balance"] == whole["balance"]
        assert page["lots"] == (whole["lots"] if len(found) == 1 else [])
    assert left == {lot_of(account, 1): 71, lot_of(account, 2): 20}
    assert found[-1]["proof"] == whole["proof"]


def test_a_history_of_long_texts_is_explained_in_shorter_pages(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda sends six megabytes. Of 121 entries the first hundred are more than 1 500 characters."""
    scrip.grant(account, "200", clock=NEW_YEAR)
    for _ in range(120):
        scrip.burn(account, "1", clock=NEW_YEAR)
    (whole,) = pages(scrip, account, 200)
    monkeypatch.setattr(explanations, "MOST_BYTES", 1_500)
    found = pages(scrip, account, 200)
    assert [len(page["entries"]) for page in found] == [100, 21]
    assert [entry for page in found for entry in page["entries"]] == whole["entries"]
    assert found[-1]["proof"] == whole["proof"]


def test_the_last_page_has_what_time_did_and_nobody_booked(scrip: Deployment, account: str) -> None:
    lived(scrip, account)
    *_, last = pages(scrip, account, 6, clock=NEXT_DAY)
    assert (last["entries"][-1]["kind"], last["entries"][-1]["amount"]) == ("expiry", "-20")
    assert last["entries"][-1]["booked"] is False
    assert (last["balance"]["total"], last["proof"]["sum_of_amounts"]) == ("71", "71")
    assert (last["proof"]["entries"], last["proof"]["agrees"]) == (16, True)


def test_pages_explain_one_instant_whatever_is_written_meanwhile(scrip: Deployment, account: str) -> None:
    lived(scrip, account)
    first = explain(scrip, account, limit="10")
    scrip.burn(account, "1", clock=NOON)
    last = explain(scrip, account, clock=NOON, limit="10", cursor=first["next_cursor"])
    assert (last["balance"]["total"], last["balance"]["as_of"]) == ("91", NEW_YEAR)
    assert (len(last["entries"]), last["next_cursor"], last["proof"]["agrees"]) == (6, None, True)


def test_a_past_instant_of_a_long_history_takes_the_pages_up_to_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    for hour in range(1, 10):
        scrip.burn(account, "1", clock=f"2030-01-01T{hour:02d}:00:00Z")
    found = pages(scrip, account, 3, clock=NOON, at="2030-01-01T04:30:00Z")
    assert [len(page["entries"]) for page in found] == [3, 2]
    assert (found[1]["balance"]["total"], found[1]["proof"]["agrees"]) == ("96", True)
    assert found[1]["proof"]["head"] == scrip.entries(account)[4]["hash"]
    (only,) = pages(scrip, account, 5, clock=NOON, at="2030-01-01T04:30:00Z")
    assert [lot["remaining"] for lot in only["lots"]] == ["96"]


def test_a_page_looks_at_no_more_than_its_entries(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    for _ in range(60):
        scrip.burn(account, "1", clock=NEW_YEAR)
    cursor = explain(scrip, account, limit="20")["next_cursor"]
    with scrip.calls() as made:
        page = explain(scrip, account, limit="20", cursor=cursor)
    assert [entry["seq"] for entry in page["entries"]] == list(range(21, 41))
    assert len(made) <= 4, "the wallet, the timeline, the rows"


@pytest.mark.parametrize("seq", [3, 8, 16])
@pytest.mark.parametrize("change", ["gone", "amount"])
def test_what_was_changed_shows_on_its_own_page(
    scrip: Deployment, account: str, seq: int, change: str
) -> None:
    """Law 4: entry 3, 8 or 16 of sixteen, in pages of five."""
    lived(scrip, account)
    entry_id = explain(scrip, account)["entries"][seq - 1]["entry_id"]
    key: Any = {"pk": {"S": keys.wallet(account, "credits")}, "sk": {"S": entry_id}}
    if change == "gone":
        scrip.dynamodb.delete_item(TableName="ledger", Key=key)
    else:
        body = scrip.dynamodb.get_item(TableName="ledger", Key=key)["Item"]["body"]["S"]
        scrip.dynamodb.update_item(
            TableName="ledger",
            Key=key,
            UpdateExpression="SET body = :body",
            ExpressionAttributeValues={":body": {"S": body.replace('"actor"', '"actol"')}},
        )
    found = pages(scrip, account, 5, clock=NEXT_DAY)
    page = found[(seq - 1) // 5]
    assert page["proof"]["agrees"] is False
    assert any(f"entry {seq}" in finding or entry_id in finding for finding in page["proof"]["findings"])


def test_a_cursor_that_is_none_of_an_explanation_is_refused(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/explain"
    for cursor in ("x", cursor_in(path, {}, 1, 2), cursor_in(path, {}, 1, 1, 1, "1.5", "1")):
        invalid(scrip.get(path, query={"cursor": cursor}), "cursor")
    late = cursor_in(path, {}, MAX_INSTANT, 1, 1, "1", "1")
    invalid(scrip.get(path, query={"cursor": late}, clock=NEW_YEAR), "cursor")
    invalid(scrip.get(path, query={"limit": "1001"}), "limit")


def test_a_cursor_made_by_hand_of_the_last_entry_has_nothing_after_it(
    scrip: Deployment, account: str
) -> None:
    for number in range(3):
        scrip.grant(account, "1", f"g-{number}", clock=NEW_YEAR)
    path, at = f"/v1/accounts/{account}/explain", instant(NEW_YEAR, "")
    end = cursor_in(path, {"limit": "2"}, at, at, 3, "3000000", "3000000")
    answer = scrip.get(path, query={"limit": "2", "cursor": end}, clock=NEW_YEAR)
    assert (answer.status, answer.body["entries"], answer.body["next_cursor"]) == (200, [], None), answer.text


def test_a_customers_key_may_ask_why(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1")
    own, other = Key("read", account=account), Key("read", account="another")
    assert scrip.get(f"/v1/accounts/{account}/explain", caller=own).status == 200
    refused(scrip.get(f"/v1/accounts/{account}/explain", caller=other), 403, "forbidden")


@pytest.mark.parametrize(
    ("place", "right"),
    [
        ((0, 0, 1, "0", "0"), True),
        ((253_402_300_799_999, 253_402_300_799_999, 999_999_999_999, "9" * 40, "-" + "9" * 40), True),
        ((-1, 0, 1, "0", "0"), False),
        ((0, -1, 1, "0", "0"), False),
        ((253_402_300_800_000, 0, 1, "0", "0"), False),
        ((0, 253_402_300_800_000, 1, "0", "0"), False),
        ((0, 0, 0, "0", "0"), False),
        ((0, 0, 1_000_000_000_000, "0", "0"), False),
        ((0, 0, 1, "9" * 41, "0"), False),
        ((0, 0, 1, "0", ""), False),
    ],
)
def test_a_cursor_of_an_explanation_has_two_instants_a_sequence_and_two_sums(
    place: tuple[Any, ...], right: bool
) -> None:
    query = Query("", {"cursor": parameters.make_cursor(*place)}, ("cursor",))
    if right:
        told = told_before(query)
        assert told
        assert (told.as_of, told.at, told.seq, told.summed, told.in_lots) == (
            *place[:3],
            int(place[3]),
            int(place[4]),
        )
    else:
        with pytest.raises(InvalidRequest):
            told_before(query)
