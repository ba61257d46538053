"""What a command prints: one JSON document, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from command_line.output import Column, Output, columns, print_json, progress


def test_a_document_is_printed_indented_and_the_command_has_succeeded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert print_json({"moved": 2, "done": True}) == 0
    assert capsys.readouterr().out == '{\n  "moved": 2,\n  "done": true\n}\n'


def test_any_text_is_printed_so_that_every_terminal_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"account": "Zoë \u2028 \x1b[2J"})
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == {"account": "Zoë \u2028 \x1b[2J"}


def test_people_see_members_line_by_line_and_no_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = {
        "account": "a\x1b[2J\n[red]b",
        "price": {"amount": 5, "currency": "USD"},
        "reference": {"type": "job", "id": "7"},
        "next_expiry": {"at": None},
        "paused": True,
        "tags": ["x", {"a": 1, "b": None}],
    }
    Output().document(document)
    assert capsys.readouterr().out.splitlines() == [
        "account    a\\x1b[2J\\n[red]b",
        "price      5 USD",
        "reference  job:7",
        "paused     yes",
        "tags       x, a=1",
    ]
    Output().document(document, columns("paused", "none"))
    assert capsys.readouterr().out == "paused  yes\n"


def test_a_list_is_a_table_with_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [Column("kind"), Column("amount", number=True), Column("of.entry_id", "of")]
    rows: list[dict[str, Any]] = [
        {"kind": "burn", "amount": "-5"},
        {"kind": "grant", "amount": "10", "of": {"entry_id": "e"}},
    ]
    Output().items(rows, columns)
    assert capsys.readouterr().out.splitlines() == [
        "kind   amount  of",
        "burn       -5",
        "grant      10  e",
    ]
    Output().items([], columns)
    assert capsys.readouterr() == ("", "nothing\n")
    Output(as_json=True).items([], columns, more=False)
    assert json.loads(capsys.readouterr().out) == {"items": [], "more": False}


def test_nothing_is_folded_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    Output().document({"a": "x" * 500})
    assert capsys.readouterr().out == f"a  {'x' * 500}\n"


def test_there_is_no_progress_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("entries") as tell:
        tell(3)
    assert capsys.readouterr() == ("", "")
