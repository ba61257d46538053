"""What an account has, and what is put in and taken out, from a shell (laws 1 and 3)."""

from __future__ import annotations

from tests.aws import Deployment
from tests.command_line.conftest import Line


def test_what_is_granted_and_burned_is_shown_by_every_command(line: Line, account: str) -> None:
    """100 credits for 10.00 USD, of which 30 are burned: 70 are left, and two entries and a lot say so."""
    terms = ("--kind", "paid", "--cost-basis", "1000:USD", "--idempotency-key", "order-1")
    made = line.json("grant", account, "100", *terms)
    assert made["lot"]["cost_basis"] == {"amount": 1000, "currency": "USD"}
    assert line.json("grant", account, "100", *terms) == made, "the same command once more grants nothing"
    burned = line.json(
        "burn", account, "30", "--reference", "job:7", "--reason", "an image", "--metadata", "a=b=c"
    )
    assert (burned["burned"], burned["entry"]["metadata"]) == ("30", {"a": "b=c"})
    assert line.json("balance", account)["available"] == "70"
    lots = line.json("lots", account)
    assert [(lot["remaining"], lot["granted"]) for lot in lots["items"]] == [("70", "100")]
    entries = line.json("entries", account)
    assert [entry["amount"] for entry in entries["items"]] == ["-30", "100"]
    assert entries["more"] is False
    kinds = line.json("entries", account, "--kind", "burn", "--reference", "job:7", "--metadata", "a=b=c")
    assert [entry["reason"] for entry in kinds["items"]] == ["an image"]
    assert line.json("explain", account)["proof"]
    assert account in [one["account"] for one in line.json("accounts", "--prefix", account)["items"]]


def test_people_see_tables(line: Line, account: str) -> None:
    line.table("grant", account, "100", "--kind", "paid", "--cost-basis", "1000:USD")
    line.table("burn", account, "30", "--reference", "job:7")
    assert [" ".join(row.split()) for row in line.table("balance", account)][:4] == [
        f"account {account}",
        "unit credits",
        "available 70",
        "total 70",
    ]
    head, *rows = line.table("entries", account)
    assert head.split() == ["at", "kind", "amount", "balance", "after", "reference", "reason", "entry", "id"]
    assert [row.split()[1:4] for row in rows] == [["burn", "-30", "70"], ["grant", "100", "100"]]
    assert "job:7" in rows[0]
    assert "10.00 USD" in line.table("lots", account)[1]
    (earned,) = [row for row in line.table("balance", account) if row.startswith("money ")]
    assert "paid=10.00 recognised=3.00 deferred=7.00" in earned
    said = "\n".join(line.table("explain", account))
    assert "proof" in said
    assert "10.00 USD" in said


def test_a_list_says_where_there_is_more(line: Line, account: str) -> None:
    for number in range(3):
        line.run("grant", account, str(number + 1))
    assert line.json("entries", account, "--limit", "2")["more"] is True
    status, _, err = line.run("entries", account, "--limit", "2")
    assert (status, err) == (0, "scrip: there are more than 2: --limit or --all\n")
    assert len(line.json("entries", account, "--all")["items"]) == 3
    assert line.run("entries", f"{account}-none")[2] == "nothing\n"


def test_a_meter_is_burned_by_its_quantity(line: Line, account: str) -> None:
    """2 000 tokens at 1 credit for a thousand are 2 credits."""
    line.run("grant", account, "10")
    with_rate = line.json("burn", account, "2")
    assert with_rate["balance"]["available"] == "8"
    assert line.sentence(1, "burn", account, "--meter", f"none-{account}", "--quantity", "1").startswith(
        "not_found"
    )
    either = "give an amount, or --meter and --quantity, and not both"
    assert line.sentence(2, "burn", account) == either
    assert line.sentence(2, "burn", account, "1", "--meter", "tokens") == either


def test_entries_say_to_whom_credits_went_and_what_was_used(
    line: Line, scrip: Deployment, account: str
) -> None:
    """Of 60 credits 40 go to another account; 2 images of 2 credits each are made with what is left."""
    unit = f"gifts-{account}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"transferable": True}}).status == 201
    price = {"unit": unit, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/images-{account}", price).status == 201
    line.run("grant", account, "60", "--unit", unit)
    gift = {"unit": unit, "to_account": f"{account}-2", "amount": "40"}
    assert scrip.post(f"/v1/accounts/{account}/transfers", gift, key="gift-1").status == 201
    meter = f"images-{account}"
    line.run("burn", account, "--unit", unit, "--meter", meter, "--quantity", "2")
    head, used, gone, granted = line.table("entries", account, "--unit", unit)
    assert "  about" in head
    assert (f"2 {meter}" in used, f"to {account}-2" in gone) == (True, True)
    assert " to " not in granted
    assert f"from {account} " in line.table("entries", f"{account}-2", "--unit", unit)[1]


def test_accounts_are_found_by_the_address_of_their_profile(
    line: Line, scrip: Deployment, account: str
) -> None:
    address = f"{account}@example.com"
    assert scrip.put(f"/v1/accounts/{account}/profile", {"email": address}).status == 201
    found = line.json("accounts", "--email", f"{account}+shop@example.com")["items"]
    assert [one["account"] for one in found] == [account]


def test_a_refusal_is_a_sentence_with_its_code(line: Line, account: str) -> None:
    line.run("grant", account, "1")
    refused = line.sentence(1, "burn", account, "2")
    assert refused.startswith("insufficient_credits: ")
    assert "required 2, available 1" in refused
    assert line.sentence(1, "balance", "ux a/b").startswith("invalid_request: ")
    for no_instant in ("soon", "2030-01-01", "2030-01-01T00:00:00"):
        assert line.sentence(2, "grant", account, "1", "--expires-at", no_instant) == (
            f"--expires-at is like 2030-01-31T00:00:00Z, an instant with its zone, and not {no_instant}"
        )
    ends = line.json("grant", account, "1", "--expires-at", "2100-01-31T00:00:00Z")["lot"]["expires_at"]
    assert ends == "2100-01-31T00:00:00.000Z"
    assert (
        line.sentence(2, "burn", account, "1", "--reference", "7") == "--reference is like job:17, and not 7"
    )
