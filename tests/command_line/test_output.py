"""What a command prints: one JSON document, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from command_line.output import DECIMALS, Column, Output, columns, major_units, print_json, progress, say
from scrip.domain.credits import currencies


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
        "price      0.05 USD",
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


@pytest.mark.parametrize(
    ("minor", "currency", "told"),
    [
        (1000, "USD", "10.00"),
        (5, "EUR", "0.05"),
        (-1250, "USD", "-12.50"),
        (1000, "JPY", "1000"),
        (1000, "KWD", "1.000"),
        (0, "USD", "0.00"),
        (1000, "DEM", "10.00"),
    ],
)
def test_money_is_read_in_major_units_with_all_of_its_decimals(minor: int, currency: str, told: str) -> None:
    assert major_units(minor, currency) == told


def test_the_decimals_of_currencies_are_those_of_the_domain() -> None:
    assert {code: DECIMALS.get(code, 2) for code in currencies.DECIMALS} == currencies.DECIMALS
    assert set(DECIMALS) <= set(currencies.DECIMALS)


def test_numbers_beside_a_currency_are_money_and_others_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    """A payment of 1000.00 USD, of which 500.00 went back, is of 2 packs."""
    Output().document(
        {
            "quantity": 2,
            "paid": {"amount": 100000, "tax": 0, "currency": "USD", "at": "2030-01-01T00:00:00.000Z"},
            "refunds": [{"id": "re_1", "amount": 50000, "currency": "USD"}],
            "limit": {"amount": None, "currency": "USD"},
        }
    )
    assert [" ".join(row.split()) for row in capsys.readouterr().out.splitlines()] == [
        "quantity 2",
        "paid.amount 1000.00",
        "paid.tax 0.00",
        "paid.currency USD",
        "paid.at 2030-01-01T00:00:00.000Z",
        "refunds id=re_1 amount=500.00 currency=USD",
        "limit USD",
    ]


def test_a_column_of_several_members_is_left_out_where_it_has_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = [Column("kind"), Column("about", tell=lambda item: item.get("to", ""), sparse=True)]
    Output().items([{"kind": "burn"}], shown)
    Output().items([{"kind": "burn"}, {"kind": "gift", "to": "a\x1b[2J"}], shown)
    assert capsys.readouterr().out.splitlines() == ["kind", "burn", "kind  about", "burn", "gift  a\\x1b[2J"]


def test_nothing_is_folded_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    Output().document({"a": "x" * 500})
    assert capsys.readouterr().out == f"a  {'x' * 500}\n"


def test_there_is_no_progress_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("entries") as tell:
        tell(3)
    assert capsys.readouterr() == ("", "")


PRINTS: list[Callable[[str], None]] = [
    lambda text: Output().document({"a": text}),
    lambda text: Output().items([{"a": text}], columns("a")),
]


class Terminal(StringIO):
    """What a terminal is printed."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_a_terminal_has_colours_unless_it_is_said_not_to(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for print_it in PRINTS:
        paper = Terminal()
        monkeypatch.setattr("sys.stdout", paper)
        print_it("x")
        assert ("\x1b[1m" in paper.getvalue()) is coloured
        assert "x" in paper.getvalue()


def test_what_is_wider_than_a_terminal_is_folded_there_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    for print_it in PRINTS:
        paper = Terminal()
        monkeypatch.setattr("sys.stdout", paper)
        print_it("x" * 100)
        assert max(map(len, paper.getvalue().splitlines())) <= 40
        assert paper.getvalue().count("x") == 100


def test_a_terminal_is_told_how_many_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = Terminal()
    monkeypatch.setattr("sys.stderr", paper)
    monkeypatch.setenv("TERM", "xterm")
    with progress("entries") as tell:
        tell(3)
        time.sleep(0.3)
    assert "entries …" in paper.getvalue()
    assert "3 entries …" in paper.getvalue()


def test_a_sentence_comes_after_what_was_printed_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2J")
    assert capsys.readouterr() == ("", "scrip: a\\x1b[2J\n")


def test_a_column_is_named_by_the_last_part_of_its_member() -> None:
    assert [Column("balance.next_expiry").heading, Column("a.b", "of_it").heading] == ["next expiry", "of it"]


def test_empty_members_and_what_is_no_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    Output().document({"paused": False, "none": None, "empty": [], "zero": 0})
    assert capsys.readouterr().out.splitlines() == ["paused  no", "zero    0"]


def test_a_column_that_is_sparse_is_there_where_one_item_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    """And one that is not is always."""
    Output().items([{"a": "1"}, {"b": "2"}], [Column("a", sparse=True), Column("b"), Column("c")])
    assert capsys.readouterr().out.splitlines() == ["a  b  c", "1", "   2"]


def test_only_an_amount_and_its_currency_alone_are_one_value(capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "price": {"amount": 1999, "currency": "USD"},
        "paid": {"amount": 1999, "currency": "USD", "by": "card"},
        "reference": {"type": "job", "id": "7", "more": "x"},
        "flag": {"currency": "USD", "on": True},
    }
    Output().document(document)
    assert [" ".join(row.split()) for row in capsys.readouterr().out.splitlines()] == [
        "price 19.99 USD",
        "paid.amount 19.99",
        "paid.currency USD",
        "paid.by card",
        "reference.type job",
        "reference.id 7",
        "reference.more x",
        "flag.currency USD",
        "flag.on yes",
    ]
