"""The rival that is written by hand does what it is compared for: exact under many writers, once for each key."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from bench.postgres import race
from bench.postgres.cluster import Cluster
from bench.postgres.lots import LOTS, Lots, TooFew, burn, burn_many, drawn
from bench.postgres.race import START
from bench.postgres.transfers import Transfers


def test_lots_give_in_their_order() -> None:
    """Seven of 4, 0 and 5: four and three. Ten are too many."""
    held = [(1, 4), (2, 0), (3, 5)]
    assert drawn(held, 7) == [(1, 4), (3, 3)]
    assert drawn(held, 4) == [(1, 4)]
    assert drawn(held, 10) is None


@pytest.mark.long
def test_a_key_burns_once_in_each_style(connection: psycopg.Connection[Any]) -> None:
    """Three burns of 2, each sent twice: 6."""
    schema = Lots()
    schema.create(connection)
    schema.open(connection, "w")
    assert burn(connection, "w", 2, "k1", "r1") == burn(connection, "w", 2, "k1", "r1")
    called = [connection.execute("select burn('w', 2, 'k2', 'r2')").fetchone() for _ in range(2)]
    assert called[0] == called[1]
    assert burn_many(connection, "w", [(2, "k2", "r2"), (2, "k3", "r3")]) == 1
    assert schema.burned(connection, "w") == 6


@pytest.mark.long
def test_lots_are_drawn_across_and_not_below_nothing(connection: psycopg.Connection[Any]) -> None:
    """One lot has a third. A burn of a third and one takes one of the next; more than all is refused."""
    schema = Lots()
    schema.create(connection)
    schema.open(connection, "w")
    burn(connection, "w", START // LOTS + 1, "k1", "r")
    draws = connection.execute("select jsonb_array_length(draws) from ledger").fetchone()
    assert draws == (2,)
    with pytest.raises(TooFew):
        burn(connection, "w", START, "k2", "r")
    with pytest.raises(TooFew):
        burn_many(connection, "w", [(1, "k3", "r"), (START, "k4", "r")])
    with pytest.raises(psycopg.errors.RaiseException, match="fewer credits"):
        connection.execute("select burn('w', %s, 'k5', 'r')", (START,))
    assert schema.burned(connection, "w") == START // LOTS + 1


@pytest.mark.long
@pytest.mark.parametrize("schema", [Lots(), Transfers()], ids=lambda schema: schema.name)
def test_many_writers_of_one_wallet_are_exact_and_cost_something(
    cluster: Cluster, schema: race.Schema
) -> None:
    for style in schema.styles:
        row = race.measured(cluster, schema, style, 1, 0.5, fsync=False)
        assert row["exact"]
        assert row["server_cpu_ms"] > 0
        found = race.kept(cluster, schema, style)
        assert 36 < found.stored < 2_000
        assert found.logged > found.stored / 4
