"""The model of a managed PostgreSQL, by hand, and what is said where there is none."""

from __future__ import annotations

import pytest

from bench import budgets
from bench.postgres import race
from bench.postgres.cluster import Cluster, NotMeasured
from bench.postgres.race import Style


def test_one_wallet_is_locked_from_its_first_statement_until_its_commit() -> None:
    """Five trips of 0.5 ms, a commit of 1 ms and 0.5 ms of work: 4 ms, so 250 a second. In one call no trip is inside:
    1.5 ms, 667 a second. Ninety in a transaction with 0.05 ms each: 8 ms, 11 250 a second."""
    assert Style("statements", trips=7, locked_trips=5).one_wallet(0.5) == 250
    assert round(Style("one call", trips=1, locked_trips=0).one_wallet(0.5)) == 667
    assert Style("90", trips=7, locked_trips=5, burns=90).one_wallet(0.05) == 11_250


def test_many_wallets_are_bound_by_their_writers_or_by_the_processors() -> None:
    """Seven trips, a commit and 0.5 ms: 5 ms for each of 64 writers would be 12 800 a second; two processors do 4 000.
    Ten writers do 2 000."""
    statements = Style("statements", trips=7, locked_trips=5)
    assert statements.alone_ms(0.5) == 5
    assert statements.many_wallets(0.5) == 4_000
    assert statements.many_wallets(0.5, writers=10) == 2_000


def test_without_postgresql_the_part_is_not_measured_and_misses_its_budget_where_all_must_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere() -> Cluster:
        raise NotMeasured("PostgreSQL is not installed")

    monkeypatch.setattr(race, "running", nowhere)
    found = {"postgres": race.run([])}
    assert found == {"postgres": {"rows": [], "not measured": "PostgreSQL is not installed"}}
    assert all(one.met for one in budgets.judged(found))
    assert [one.name for one in budgets.judged(found, strict=True) if not one.met] == [
        "PostgreSQL beside Scrip: not measured"
    ]


def test_a_run_that_is_not_exact_misses_its_budget() -> None:
    found = {"postgres": {"rows": [{"exact": True}, {"exact": False}]}}
    assert [one.name for one in budgets.judged(found) if not one.met] == [
        "PostgreSQL: runs that were not exact"
    ]
