"""``scrip verify --all``: every kind of damage is found and named by the first broken entry (laws 1, 2, 4, 5, 8 and 9).
Nothing in Scrip can do such damage: here the tables are written past it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from scrip import cli, runtime
from scrip.domain.credits import limits
from scrip.domain.credits.errors import Contended
from scrip.domain.credits.lot_codec import pack, unpack
from scrip.services.verification import daily
from scrip.store import keys, ledger
from tests.aws import NEW_YEAR, ROOT, Buyer, Context, Deployment, function, listening
from tests.services.verification.surveys import Verify, verify_command

LATER: Final = "2031-01-01T00:00:00.000Z"
Item = dict[str, Any]
Damage = Callable[["Tables"], None]


@pytest.fixture(autouse=True)
def _alone(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty tables; nobody waits for moto's index, which never lags; and small rooms, so that there are pages."""
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    for name, limit in {"WINDOW_LOTS": 3, "WINDOW_LOW": 1, "PAGE_LOTS": 4}.items():
        monkeypatch.setattr(limits, name, limit)
    deployment.make_tables()
    deployment.queued()


@pytest.fixture
def verify(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> Verify:
    return verify_command(capsys)


class Tables:
    """The tables past Scrip: one wallet's items, and payments."""

    def __init__(self, scrip: Deployment, account: str, unit: str = "credits") -> None:
        self.client, self.pk = scrip.dynamodb, keys.wallet(account, unit)

    def of(self, table: str, prefix: str = "") -> list[Any]:
        """Items whose sort key begins so; the ledger's in their order."""
        found = self.client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self.pk}},
        )["Items"]
        mine = [item for item in found if item["sk"]["S"].startswith(prefix)]
        return sorted(mine, key=lambda item: item["tl"]["S"][-12:]) if table == "ledger" else mine

    def entry(self, seq: int) -> Any:
        return self.of("ledger")[seq - 1]

    def delete(self, table: str, item: Any) -> None:
        self.client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})

    def put(self, table: str, item: Any) -> None:
        self.client.put_item(TableName=table, Item=item)

    def change(self, prefix: str, **attributes: Any) -> None:
        """Attributes of the one item of the wallet that begins so; None takes one away."""
        (item,) = self.of("wallets", prefix)
        changed = {**item, **attributes}
        self.put("wallets", {name: value for name, value in changed.items() if value is not None})

    def payment(self, payment_id: str, **changes: Any) -> None:
        """Members of a payment's document; None takes the whole document away."""
        key: Any = {"pk": {"S": keys.payment("dodo", payment_id)}, "sk": {"S": "head"}}
        item: Any = self.client.get_item(TableName="wallets", Key=key)["Item"]
        body = json.loads(item["body"]["S"])
        item["body"] = {"S": json.dumps({**body, **changes})}
        self.put("wallets", item)


def history(scrip: Deployment, account: str) -> Tables:
    """Seven entries: four grants, of which the last lies in a page; a burn, a hold, a burn."""
    for number in range(4):
        scrip.grant(account, "10", f"g{number}", clock=NEW_YEAR, expires_at=LATER, priority=50 + number)
    scrip.burn(account, "3", "b1", clock=NEW_YEAR)
    scrip.move(account, "holds", "h1", amount="2", expires_in="P1D", clock=NEW_YEAR)
    scrip.burn(account, "1", "b2", clock=NEW_YEAR)
    tables = Tables(scrip, account)
    assert len(tables.of("ledger")) == 7
    assert len(tables.of("wallets", "page#")) == 1
    return tables


def flip(tables: Tables) -> None:
    row = tables.entry(3)
    row["body"] = {"S": row["body"]["S"].replace('"amount":"10000000"', '"amount":"10000001"', 1)}
    tables.put("ledger", row)


def delete_entry(*seqs: int) -> Damage:
    def damage(tables: Tables) -> None:
        rows = tables.of("ledger")
        for seq in seqs:
            tables.delete("ledger", rows[seq - 1])

    return damage


def garbage(tables: Tables) -> None:
    tables.put("ledger", {**tables.entry(4), "body": {"S": "{"}})


def more_in_the_page(tables: Tables) -> None:
    (page,) = tables.of("wallets", "page#")
    (lot,) = unpack(bytes(page["lots"]["B"]))

    tables.change("page#", lots={"B": pack((lot._replace(remaining=lot.remaining + 1),))})


def delete_items(prefix: str) -> Damage:
    def damage(tables: Tables) -> None:
        for item in tables.of("wallets", prefix):
            tables.delete("wallets", item)

    return damage


def hold_forgotten(tables: Tables) -> None:
    (due,) = [item for item in tables.of("wallets", "due#") if item["sk"]["S"].endswith("hold.6")]
    tables.delete("wallets", due)


def page_forgotten(tables: Tables) -> None:
    (due,) = [item for item in tables.of("wallets", "due#") if "hold" not in item["sk"]["S"]]
    tables.delete("wallets", due)


def unlisted(tables: Tables) -> None:
    """A row without its place is in no index."""
    row = tables.entry(5)
    del row["tl"]
    tables.put("ledger", row)


def changed(prefix: str = "wallet", **attributes: Any) -> Damage:
    return lambda tables: tables.change(prefix, **attributes)


BEHIND, BROKEN, AHEAD = "ledger_behind", "broken", "ledger_ahead"
DAMAGE: list[tuple[str, Damage, str, int | None, str]] = [
    ("a byte of an entry", flip, BROKEN, 3, "entry 3 does not match its hash"),
    ("an entry that is no JSON", garbage, BROKEN, 4, "cannot be read"),
    ("an entry deleted", delete_entry(3), BROKEN, 3, "entry 3 is missing"),
    ("two entries deleted", delete_entry(6, 2), BROKEN, 2, "entry 2 is missing"),
    ("the head cut", delete_entry(7), BEHIND, 7, "entry 7 is missing"),
    ("three entries cut", delete_entry(5, 6, 7), BEHIND, 5, "entry 5 is missing"),
    ("no entry left", delete_entry(1, 2, 3, 4, 5, 6, 7), BEHIND, 1, "entry 1 is missing"),
    ("a lot of a page", more_in_the_page, BROKEN, 4, "lot 4 has 10000001 left, its entries say 10000000"),
    ("the total", changed(available={"N": "99000000"}), BROKEN, 7, "the wallet's totals are not those"),
    ("the head", changed(head={"B": b"x" * 32}), BROKEN, 7, "the wallet's head is not the hash"),
    ("the window", changed(window={"B": b"\xff\xff"}), BROKEN, None, "item wallet of the wallet cannot be read"),
    ("a page that is none", changed("page#", lots={"B": b"\xff"}), BROKEN, None, "cannot be read"),
    ("a page gone", delete_items("page#"), BROKEN, 4, "lot 4 is not stored"),
    ("a hold's due item", hold_forgotten, BROKEN, 6, "hold 6 changes at"),
    ("a page's due item", page_forgotten, BROKEN, 4, "the page of lot 4 has no due item"),
    ("sweep_at", changed(sweep_at=None, shard=None), BROKEN, None, "sweep_at is missing"),
    ("sweep_at too late", changed(sweep_at={"N": "9" * 14}), BROKEN, None, "the sweep looks at 99999999999999"),
    ("due_at too late", changed(due_at={"N": "9" * 14}), BROKEN, None, "the wallet says that none is before 9999"),
    ("another shard", changed(shard={"S": "99"}), BROKEN, None, "listed for the sweep in 99, not in"),
    ("a row of the timeline", unlisted, BROKEN, 5, "entry 5 is not where it belongs"),
    ("the wallet item gone", delete_items("wallet"), BROKEN, 1, "there are entries and no wallet item"),
    ("the whole partition gone", delete_items(""), AHEAD, 1, "there are entries and no wallet item"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "damage", "kind", "seq", "what"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_damage_is_found_and_named_by_its_first_broken_entry(
    scrip: Deployment, account: str, verify: Verify, name: str, damage: Damage, kind: str, seq: int, what: str
) -> None:
    tables = history(scrip, account)
    assert verify()["findings"]["count"] == 0
    damage(tables)
    (finding,) = verify()["findings"]["items"]
    assert (finding["account"], finding["unit"], finding["kind"], finding["seq"]) == (
        account,
        "credits",
        kind,
        seq,
    )
    assert what in finding["what"]


SIDES = [
    ("sender", "entry 1 came from {other}, where there is no such transfer"),
    ("receiver", "entry 2 was sent to {other}, where there is no such transfer"),
]


@pytest.mark.parametrize(("lost", "what"), SIDES, ids=["nobody sent it", "it never arrived"])
def test_a_transfer_that_the_other_wallet_knows_nothing_of_is_found(
    scrip: Deployment, account: str, verify: Verify, lost: str, what: str
) -> None:
    """Each wallet is sound by itself: 4 of 10 credits left the one, and came to the other."""
    sender, receiver = f"{account}-from", f"{account}-to"
    scrip.put("/v1/units/moving", {"precision": 0, "policy": {"transferable": True}})
    scrip.grant(sender, "10", unit="moving")
    said = {"amount": "4", "unit": "moving", "to_account": receiver}
    assert scrip.post(f"/v1/accounts/{sender}/transfers", said, key="t").status == 201
    assert verify()["findings"]["count"] == 0
    gone, left = (sender, receiver) if lost == "sender" else (receiver, sender)
    tables = Tables(scrip, gone, "moving")
    delete_items("")(tables)
    for row in tables.of("ledger"):
        tables.delete("ledger", row)
    (finding,) = verify()["findings"]["items"]
    assert (finding["account"], finding["what"]) == (left, what.format(other=gone))


def test_the_finding_has_the_entrys_id(scrip: Deployment, account: str, verify: Verify) -> None:
    tables = history(scrip, account)
    flip(tables)
    (finding,) = verify()["findings"]["items"]
    assert finding["entry_id"] == scrip.entries(account)[2]["entry_id"]


def test_a_wallet_put_back_to_an_older_state_has_a_ledger_that_is_ahead(
    scrip: Deployment, account: str, verify: Verify
) -> None:
    """What a client has to ask for again is said: two burns, of 5 and of 6, by their keys' entries."""
    tables = history(scrip, account)
    before = tables.of("wallets")
    scrip.burn(account, "5", "b3", clock=NEW_YEAR, reference={"type": "job", "id": "j3"})
    scrip.burn(account, "6", "b4", clock=NEW_YEAR)
    delete_items("")(tables)
    for item in before:
        tables.put("wallets", item)
    (finding,) = verify()["findings"]["items"]
    assert (finding["kind"], finding["entries"], finding["first"], finding["last"]) == (AHEAD, 2, 8, 9)
    assert finding["since"] == NEW_YEAR
    assert [(one["seq"], one["kind"], one["amount"]) for one in finding["surplus"]] == [
        (8, "burn", "-5000000"),
        (9, "burn", "-6000000"),
    ]
    assert finding["surplus"][0]["reference"] == ["job", "j3"]
    for row in tables.of("ledger")[7:]:
        tables.delete("ledger", row)
    assert verify()["findings"]["count"] == 0, "without them it is as it was"


def test_a_ledger_that_is_behind_says_since_when(scrip: Deployment, account: str, verify: Verify) -> None:
    tables = history(scrip, account)
    delete_entry(6, 7)(tables)
    (finding,) = verify()["findings"]["items"]
    assert (finding["entries"], finding["first"], finding["last"]) == (2, 6, 7)
    assert finding["since"] == NEW_YEAR


@contextmanager
def index_without(tables: Tables, seq: int, answers: int) -> Iterator[None]:
    """The timeline's next answers lack an entry, as those of an index do that lags."""
    left = [answers]

    def drop(parsed: Any, **_: Any) -> None:
        rows = parsed.get("Items", [])
        if left[0] > 0 and rows and "tl" in rows[0] and "body" not in rows[0]:
            left[0] -= 1
            parsed["Items"] = [row for row in rows if int(row["tl"]["S"][-12:]) != seq]

    with listening("after-call.dynamodb.Query", drop):
        yield


def test_a_timeline_that_lags_is_asked_again(scrip: Deployment, account: str, verify: Verify) -> None:
    tables = history(scrip, account)
    with index_without(tables, 7, ledger.LAG_TRIES - 1):
        assert verify()["findings"]["count"] == 0


def test_a_timeline_that_lacks_an_entry_for_good_is_found(
    scrip: Deployment, account: str, verify: Verify
) -> None:
    tables = history(scrip, account)
    with index_without(tables, 5, 999):
        (finding,) = verify()["findings"]["items"]
    assert (finding["kind"], finding["seq"], finding["what"]) == (BROKEN, 5, "entry 5 is not in the timeline")
    assert finding["entry_id"] == tables.entry(5)["sk"]["S"]


# Payments against positions


def bought(buyer: Buyer) -> str:
    """A payment of 1 000.00 USD for 10 000 credits, of which 300.00 went back; its id."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid, buyer.gets_back(30000))
    return str(paid["data"]["payment_id"])


POSTED = {"lot": 1, "clawed": 3000 * 10**6, "refunded": 30000, "forgiven": 0}
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
    ("another order", {"topup_id": "top_none"}, "the order top_none"),
    ("facts that are none", {"facts": [{"what": "?"}]}, "cannot be read"),
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


def test_the_wallet_says_too_that_its_lot_gave_back_something_else(buyer: Buyer, verify: Verify) -> None:
    """Law 8: 300.00 of lot 1 were refunded."""
    payment_id = bought(buyer)
    Tables(buyer.scrip, buyer.account).payment(payment_id, posted={**POSTED, "refunded": 29999})
    (finding,) = [one for one in verify()["findings"]["items"] if "payment" not in one]
    assert (finding["account"], finding["seq"]) == (buyer.account, 1)
    assert finding["what"] == f"lot 1 gave 30000 back, payment dodo:{payment_id} says 29999"


def test_a_grant_whose_payment_is_gone_is_found(buyer: Buyer, verify: Verify) -> None:
    payment_id = bought(buyer)
    key: Any = {"pk": {"S": keys.payment("dodo", payment_id)}, "sk": {"S": "head"}}
    buyer.scrip.dynamodb.delete_item(TableName="wallets", Key=key)
    (finding,) = verify()["findings"]["items"]
    assert (finding["seq"], finding["what"]) == (
        1,
        f"entry 1 is of payment dodo:{payment_id}, which is not there",
    )


def test_an_order_that_does_not_point_back_is_found(buyer: Buyer, verify: Verify) -> None:
    bought(buyer)
    key: Any = {"pk": {"S": keys.topup(buyer.topup["topup_id"])}, "sk": {"S": "head"}}
    item: Any = buyer.scrip.dynamodb.get_item(TableName="wallets", Key=key)["Item"]
    item["body"] = {"S": json.dumps({**json.loads(item["body"]["S"]), "payment_id": None})}
    buyer.scrip.dynamodb.put_item(TableName="wallets", Item=item)
    (finding,) = verify()["findings"]["items"]
    assert "does not point back at payment" in finding["what"]


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


# Once a day


def night(
    scrip: Deployment, time: str = "2026-11-23T10:00:00Z", share: int = 0, shares: int = 1, *left: int
) -> Any:
    return function("verification").handler({"time": time, "share": [share, shares]}, Context(*left))


def metrics(out: str) -> dict[str, Any]:
    """Names and values of the metrics that were said."""
    said: dict[str, Any] = {}
    for line in out.splitlines():
        document = json.loads(line) if line.startswith("{") else {}
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            said.update({one["Name"]: document[one["Name"]] for one in directive["Metrics"]})
    return said


def test_a_night_verifies_everything_once_and_says_so(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    history(scrip, account)
    capsys.readouterr()
    assert night(scrip) == {"share": "1/1", "wallets": 1, "entries": 7}
    assert metrics(capsys.readouterr().out) == {"VerificationFindings": 0, "VerifiedWallets": 1}
    night(scrip, "2026-11-23T23:00:00Z")
    assert metrics(capsys.readouterr().out) == {}, "today's is through"
    night(scrip, "2026-11-24T06:00:00Z")
    assert metrics(capsys.readouterr().out) == {"VerificationFindings": 0, "VerifiedWallets": 1}


def test_a_nights_findings_are_counted_and_logged(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(history(scrip, account))
    capsys.readouterr()
    night(scrip)
    out = capsys.readouterr().out
    assert metrics(out)["VerificationFindings"] == 1
    (line,) = [json.loads(line) for line in out.splitlines() if '"verification found"' in line]
    assert (line["account"], line["seq"], line["what"]) == (account, 3, "entry 3 does not match its hash")


def test_a_night_that_has_no_time_left_goes_on_with_the_next_run(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{account}-{number}" for number in range(6)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR)
    capsys.readouterr()
    unfinished = [0]
    for hour in range(10, 20):
        enough = [300_000] * 4
        night(scrip, f"2026-11-23T{hour}:00:00Z", 0, 1, *enough, *[0] * 99)
        said = metrics(capsys.readouterr().out)
        if "VerifiedWallets" in said:
            break
        assert said["VerificationUnfinished"] == 1
        unfinished[0] += 1
    assert said == {"VerificationFindings": 0, "VerifiedWallets": 6}
    assert unfinished[0] >= 2


def test_two_runs_of_one_share_do_not_write_over_each_other(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    first = daily.DailyRun(runtime.tables(), 0, 1, 1, runtime.now)
    survey = first._load()
    daily.DailyRun(runtime.tables(), 0, 1, 1, runtime.now).go(lambda: True)
    with pytest.raises(Contended):
        first._store(survey)


def test_the_verification_writes_nothing_but_its_own_document(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    before = scrip.everything()
    night(scrip)
    after = [item for item in scrip.everything() if item["pk"]["S"] != keys.verification(0)]
    assert after == before


def test_its_sample_event_is_taken(scrip: Deployment) -> None:
    sample = json.loads((ROOT / "events" / "verification.json").read_text())
    assert function("verification").handler(sample, Context()) == {"share": "1/4", "wallets": 0, "entries": 0}


def test_one_wallet_by_itself_is_verified_as_all_are(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_forgotten(history(scrip, account))
    capsys.readouterr()
    assert cli.main(["verify", account]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["seq"] == 6
