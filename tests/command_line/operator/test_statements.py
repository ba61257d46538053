"""``scrip statement verify``: what the files prove, without any access, and what they do not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.aws import NOBODY, Deployment
from tests.command_line.conftest import Line

Json = dict[str, Any]
END = "2030-04-01T00:00:00.000Z"


@pytest.fixture
def files(scrip: Deployment, account: str, tmp_path: Path) -> Path:
    """January, February and March of a wallet, and the public keys, as files."""
    cost = {"amount": 999, "currency": "USD"}
    scrip.grant(account, "100", clock="2030-01-10T00:00:00.000Z", kind="paid", cost_basis=cost)
    scrip.burn(account, "10", clock="2030-02-10T00:00:00.000Z")
    for month in ("2030-01", "2030-02", "2030-03"):
        answer = scrip.get(f"/v1/accounts/{account}/statements/{month}", clock=END)
        (tmp_path / f"{month}.json").write_text(answer.text, encoding="utf-8")
    (tmp_path / "keys.json").write_text(scrip.get("/v1/statement-keys").text)
    return tmp_path


def verify(bare: Line, status: int, *arguments: str | Path) -> list[Json]:
    """What is said of each statement, by their months."""
    found, out, err = bare.run("statement", "verify", *map(str, arguments))
    assert (found, err) == (status, "")
    told: list[Json] = json.loads(out)["statements"]
    return told


def test_a_whole_wallet_is_proven_from_its_files_alone(bare: Line, files: Path) -> None:
    months = [files / f"2030-0{number}.json" for number in (3, 1, 2)]
    told = verify(bare, 0, *months, "--keys", files / "keys.json")
    assert [(one["month"], one["entries_count"]) for one in told] == [
        ("2030-01", 1),
        ("2030-02", 1),
        ("2030-03", 0),
    ]
    assert [one["findings"] + one["not_proven"] for one in told] == [[], [], []]
    assert [one["proven"][-1] for one in told[1:]] == [
        "it goes on where 2030-01 closed",
        "it goes on where 2030-02 closed",
    ]
    assert "signed it" in told[0]["proven"][1]


def test_a_month_by_itself_does_not_prove_its_opening(bare: Line, files: Path) -> None:
    (told,) = verify(bare, 0, files / "2030-02.json", "--keys", files / "keys.json")
    (missing,) = told["not_proven"]
    assert missing.startswith("that its opening is what the month before closed with")


def test_without_keys_nothing_proves_who_signed(bare: Line, files: Path) -> None:
    (told,) = verify(bare, 1, files / "2030-01.json")
    assert told["findings"] == []
    assert told["not_proven"] == ["who signed it: give --keys with the public keys that you trust"]
    assert len(told["proven"]) == 1


def test_a_key_that_is_not_trusted_proves_nothing(bare: Line, files: Path) -> None:
    """The signer's key may come along with a forged file: only the caller's own keys count."""
    other = {"key_id": "stk_66687aadf862bd776c8fc18b8e9f8e20", "public_key": "A" * 43 + "="}
    (files / "other.json").write_text(json.dumps({"items": [other]}))
    (told,) = verify(bare, 1, files / "2030-01.json", "--keys", files / "other.json")
    (wrong,) = told["findings"]
    assert wrong.endswith("is none of the keys that you trust")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"amount": "100"', '"amount": "101"', "entries[0].amount: is not what its text"),
        ('\\"amount\\":\\"100000000\\"', '\\"amount\\":\\"100000001\\"', "entries[0].amount"),
        ('"deferred": 999', '"deferred": 998', "closing: is not what the rest"),
        ('"head": "', '"head": "f', "opening: seq must be a whole number"),
    ],
)
def test_one_changed_byte_is_found_and_named(bare: Line, files: Path, old: str, new: str, where: str) -> None:
    path = files / "2030-01.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    (told,) = verify(bare, 1, path, "--keys", files / "keys.json")
    assert told["findings"][0].startswith(where)


def test_another_signature_is_none(bare: Line, files: Path) -> None:
    path = files / "2030-01.json"
    said = json.loads(path.read_text())
    value = said["signature"]["value"]
    said["signature"]["value"] = ("A" if value[0] != "A" else "B") + value[1:]
    path.write_text(json.dumps(said))
    (told,) = verify(bare, 1, path, "--keys", files / "keys.json")
    (wrong,) = told["findings"]
    assert wrong.startswith("signature.value: is not stk_")


def test_a_final_statement_without_a_signature_is_wrong(bare: Line, files: Path) -> None:
    path = files / "2030-01.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "signature": None}))
    (told,) = verify(bare, 1, path, "--keys", files / "keys.json")
    assert told["findings"] == ["signature: is missing, and the statement says that it is final"]


def test_months_that_do_not_follow_are_told(bare: Line, files: Path) -> None:
    told = verify(bare, 1, files / "2030-01.json", files / "2030-03.json", "--keys", files / "keys.json")
    assert told[1]["findings"] == ["month: 2030-03 does not follow 2030-01"]


def test_a_member_that_comes_twice_says_two_things(bare: Line, files: Path) -> None:
    path = files / "2030-01.json"
    path.write_text(
        path.read_text().replace('{"version": 1,', '{"account": "someone-else", "version": 1,', 1)
    )
    (told,) = verify(bare, 1, path, "--keys", files / "keys.json")
    assert told["findings"] == ["account: comes twice"]


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[1]", b"1.5", b'{"a": NaN}', b"[" * 10_000])
def test_what_is_no_statement_is_told_and_not_thrown(bare: Line, files: Path, raw: bytes) -> None:
    (files / "x.json").write_bytes(raw)
    (told,) = verify(bare, 1, files / "x.json", "--keys", files / "keys.json")
    assert told["findings"] in (["it is not JSON in UTF-8"], ["it is no JSON object"])


def test_a_file_that_is_not_there_is_a_mistake(bare: Line, files: Path) -> None:
    assert bare.sentence(2, "statement", "verify", str(files / "none.json")).endswith(
        "No such file or directory"
    )
    wrong = bare.sentence(
        2, "statement", "verify", str(files / "2030-01.json"), "--keys", str(files / "2030-01.json")
    )
    assert "the keys must be a list as GET /v1/statement-keys gives it" in wrong


def test_keys_come_from_a_url_too(bare: Line, url: str, files: Path) -> None:
    (told,) = verify(bare, 0, files / "2030-01.json", "--keys", url)
    assert told["not_proven"] == []
    wrong = bare.sentence(
        2, "statement", "verify", str(files / "2030-01.json"), "--keys", f"{url}/v1/nothing"
    )
    assert "/v1/nothing" in wrong


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1.5]", "is not JSON"),
        ("{}", "the keys must be a list as GET /v1/statement-keys gives it"),
    ],
    ids=["half", "deep", "no whole number", "no list"],
)
def test_keys_that_are_none_are_named_with_their_file(bare: Line, files: Path, text: str, told: str) -> None:
    wrong = files / "wrong.json"
    wrong.write_text(text)
    said = bare.sentence(2, "statement", "verify", str(files / "2030-01.json"), "--keys", str(wrong))
    assert said == f"{wrong}: {told}"


def test_keys_at_a_url_where_nobody_listens_are_named_with_it(bare: Line, files: Path) -> None:
    said = bare.sentence(2, "statement", "verify", str(files / "2030-01.json"), "--keys", NOBODY)
    assert said.startswith(f"{NOBODY}: ")


def test_without_cryptography_it_says_what_to_install(
    bare: Line, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    said = bare.sentence(
        2, "statement", "verify", str(files / "2030-01.json"), "--keys", str(files / "keys.json")
    )
    assert said == "cryptography is not installed: pip install 'scrip[cli]'"


def test_a_month_after_one_that_cannot_be_read_says_so(bare: Line, files: Path) -> None:
    january = json.loads((files / "2030-01.json").read_text())
    (files / "2030-01.json").write_text(json.dumps({**january, "closing": 7}))
    _, february = verify(
        bare, 1, files / "2030-01.json", files / "2030-02.json", "--keys", files / "keys.json"
    )
    assert len(february["findings"]) == 1
    assert "closing" in february["findings"][0]
