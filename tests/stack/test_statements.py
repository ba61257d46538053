"""Statements on the local AWS: signed by a key of its KMS, read and proven by somebody who has no key of ours."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

import command_line
from tests.stack.conftest import App

CLOCK = {"Scrip_Test_Clock": "2030-01-10T00:00:00.000Z"}
END = {"Scrip-Test-Clock": "2030-02-01T00:00:00.000Z"}


def test_a_statement_is_signed_by_kms_and_one_flipped_byte_is_found(
    stack: App, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = "stated-on-the-stack"
    cost = {"amount": 1000, "currency": "USD"}
    body = {"amount": "100", "kind": "paid", "cost_basis": cost, "expires_at": "2030-01-20T00:00:00Z"}
    assert stack.post(f"/v1/accounts/{account}/grants", body, **CLOCK).status_code == 201
    assert stack.post(f"/v1/accounts/{account}/burns", {"amount": "30"}, **CLOCK).status_code == 201
    answer = stack.client.get(f"/v1/accounts/{account}/statements/2030-01", headers=END)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["status"], said["entries_count"], said["closing"]["total"]) == ("final", 3, "0")
    assert [said["closing"]["money"][0][name] for name in ("recognised", "breakage")] == [300, 700]
    keys, file = tmp_path / "keys.json", tmp_path / "january.json"
    keys.write_text(httpx.get(f"{stack.url}/v1/statement-keys", trust_env=False).raise_for_status().text)
    file.write_bytes(answer.content)
    assert command_line.main(["statement", "verify", str(file), "--keys", str(keys)]) == 0
    raw = bytearray(answer.content)
    place = raw.index(said["signature"]["value"].encode())
    raw[place] = ord("A") if raw[place] != ord("A") else ord("B")
    file.write_bytes(raw)
    capsys.readouterr()
    assert command_line.main(["statement", "verify", str(file), "--keys", str(keys)]) == 1
    (told,) = json.loads(capsys.readouterr().out)["statements"]
    assert told["findings"][0].startswith("signature.value: is not stk_")


def test_a_page_for_people_comes_through_the_gateway(stack: App) -> None:
    answer = stack.client.get("/v1/accounts/nobody/statements/2026-10", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
