"""What is kept of statements: each put once, and the nearest months found."""

from __future__ import annotations

from scrip import runtime
from scrip.store import keys, statements
from tests.aws import Deployment

WALLET = ("acme", "credits")


def test_what_was_put_first_stays(scrip: Deployment) -> None:
    scrip.make_tables()
    tables = runtime.tables()
    assert statements.get(tables, *WALLET, "2030-01") is None
    assert statements.put_once(tables, *WALLET, "2030-01", {"seq": 1}) == {"seq": 1}
    assert statements.put_once(tables, *WALLET, "2030-01", {"seq": 2}) == {"seq": 1}
    assert statements.get(tables, *WALLET, "2030-01") == {"seq": 1}
    assert statements.get(tables, "acme", "images", "2030-01") is None


def test_the_nearest_months_are_found_among_what_else_is_kept(scrip: Deployment) -> None:
    scrip.make_tables()
    tables = runtime.tables()
    for month in ("2029-11", "2030-01", "2030-02", "2030-06"):
        statements.put_once(tables, *WALLET, month, {"seq": int(month[-2:])})
        statements.put_once(tables, *WALLET, keys.signed_statement(month), {"digest": ""})
        statements.put_counted(tables, *WALLET, month, {"start": 0})
    assert statements.last_before(tables, *WALLET, "2030-02") == ("2030-01", {"seq": 1})
    assert statements.last_before(tables, *WALLET, "2030-01") == ("2029-11", {"seq": 11})
    assert statements.last_before(tables, *WALLET, "2029-11") is None
    assert statements.first_after(tables, *WALLET, "2030-02") == ("2030-06", {"seq": 6})
    assert statements.first_after(tables, *WALLET, "2030-03") == ("2030-06", {"seq": 6})
    assert statements.first_after(tables, *WALLET, "2030-06") is None
    assert statements.first_after(tables, "acme", "images", "2030-01") is None


def test_how_far_it_was_counted_is_put_anew(scrip: Deployment) -> None:
    tables = runtime.tables()
    for start in (1, 2):
        statements.put_counted(tables, *WALLET, "2031-01", {"start": start})
    assert statements.get(tables, *WALLET, keys.counted_statement("2031-01")) == {"start": 2}
