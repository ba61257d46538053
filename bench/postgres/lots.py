"""Wallets with lots and a ledger, as one would write them by hand.

A burn is one transaction: the wallet's row is locked, its lots are read in order of their ends, what they give is
written, and a row of the ledger says which, under a key that is unique in the wallet. Expiry, holds, reversals and a
chain of hashes, which Scrip has, are not there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import psycopg

from bench.postgres.race import START, Schema, Style

LOTS: Final = 3
"""Of a wallet, as in the benchmark of Scrip's own operations."""
TABLES: Final = """
create table wallets (
    id text primary key,
    balance bigint not null check (balance >= 0),
    version bigint not null default 0
);
create table lots (
    id bigint generated always as identity primary key,
    wallet text not null references wallets,
    remaining bigint not null check (remaining >= 0),
    expires_at timestamptz not null
);
create index lots_in_order on lots (wallet, expires_at, id);
create table ledger (
    id bigint generated always as identity primary key,
    wallet text not null references wallets,
    key text not null,
    amount bigint not null,
    balance bigint not null,
    draws jsonb not null,
    reference text not null,
    at timestamptz not null default now(),
    unique (wallet, key)
);
create index ledger_in_order on ledger (wallet, id);
"""
FUNCTION: Final = """
create function burn(of text, wanted bigint, under text, about text) returns bigint language plpgsql as $$
declare
    had bigint; missing bigint := wanted; part bigint; lot record; known bigint; drawn jsonb := '[]';
begin
    select balance into strict had from wallets where id = of for update;
    select id into known from ledger where wallet = of and key = under;
    if found then
        return known;
    end if;
    if had < wanted then
        raise exception 'fewer credits than that';
    end if;
    for lot in select id, remaining from lots
        where wallet = of and remaining > 0 and expires_at > now() order by expires_at, id
    loop
        part := least(lot.remaining, missing);
        update lots set remaining = remaining - part where id = lot.id;
        drawn := drawn || jsonb_build_array(jsonb_build_array(lot.id, part));
        missing := missing - part;
        exit when missing = 0;
    end loop;
    if missing > 0 then
        raise exception 'fewer credits than that';
    end if;
    insert into ledger (wallet, key, amount, balance, draws, reference)
        values (of, under, -wanted, had - wanted, drawn, about) returning id into known;
    update wallets set balance = had - wanted, version = version + 1 where id = of;
    return known;
end $$;
"""


class TooFew(Exception):
    """The wallet has fewer credits than are to be burned."""


class Lots(Schema):
    """The three tables, and burns in each of three styles."""

    name = "wallets with lots, by hand"
    styles = (
        Style("statements", trips=7, locked_trips=5),
        Style("one call", trips=1, locked_trips=0),
        Style("90 in a transaction", trips=7, locked_trips=5, burns=90),
        Style("500 in a transaction", trips=7, locked_trips=5, burns=500),
    )

    def create(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(TABLES, prepare=False)
        connection.execute(FUNCTION, prepare=False)

    def open(self, connection: psycopg.Connection[Any], wallet: str) -> str:
        with connection.transaction():
            connection.execute("insert into wallets (id, balance) values (%s, %s)", (wallet, START))
            connection.execute(
                "insert into lots (wallet, remaining, expires_at) select %s, %s,"
                " now() + make_interval(days => 365, secs => n) from generate_series(1, %s) n",
                (wallet, START // LOTS, LOTS),
            )
        return wallet

    def burn(
        self, connection: psycopg.Connection[Any], style: Style, wallet: str, keys: Sequence[str]
    ) -> None:
        if style.name == "one call":
            connection.execute("select burn(%s, 1, %s, %s)", (wallet, keys[0], keys[0]))
        elif style.burns == 1:
            burn(connection, wallet, 1, keys[0], keys[0])
        else:
            burn_many(connection, wallet, [(1, key, key) for key in keys])

    def burned(self, connection: psycopg.Connection[Any], wallet: str) -> int | None:
        row = connection.execute(
            "select %s - balance,"
            " (select coalesce(-sum(amount), 0) from ledger where wallet = wallets.id),"
            " (select %s - sum(remaining) from lots where wallet = wallets.id),"
            " (select coalesce(sum((draw->>1)::bigint), 0)"
            "    from ledger, jsonb_array_elements(draws) draw where wallet = wallets.id)"
            " from wallets where id = %s",
            (START, START, wallet),
        ).fetchone()
        assert row
        taken, *others = map(int, row)
        return taken if all(one == taken for one in others) else None


def burn(connection: psycopg.Connection[Any], wallet: str, amount: int, key: str, about: str) -> int:
    """Burns, statement by statement; the id of the ledger's row, which a repeat answers again.

    Raises:
        TooFew: the wallet has not as many.
    """
    with connection.transaction():
        (had,) = _one(connection, "select balance from wallets where id = %s for update", wallet)
        held = connection.execute(ORDERED, (wallet,)).fetchall()
        draws = drawn(held, amount) if had >= amount else None
        if draws is None:
            known = connection.execute(KNOWN, (wallet, key)).fetchone()
            if known:
                return int(known[0])
            raise TooFew(wallet)
        row = connection.execute(
            "insert into ledger (wallet, key, amount, balance, draws, reference) values (%s, %s, %s, %s, %s, %s)"
            " on conflict (wallet, key) do nothing returning id",
            (wallet, key, -amount, had - amount, json.dumps(draws), about),
        ).fetchone()
        if row is None:
            (known_id,) = _one(connection, KNOWN, wallet, key)
            return int(known_id)
        for lot, part in draws:
            connection.execute("update lots set remaining = remaining - %s where id = %s", (part, lot))
        connection.execute(
            "update wallets set balance = balance - %s, version = version + 1 where id = %s", (amount, wallet)
        )
        return int(row[0])


def burn_many(
    connection: psycopg.Connection[Any], wallet: str, wanted: Sequence[tuple[int, str, str]]
) -> int:
    """Burns amounts with their keys and references in one transaction; how many were new.

    Raises:
        TooFew: the wallet has not as many as all of them.
    """
    with connection.transaction():
        (had,) = _one(connection, "select balance from wallets where id = %s for update", wallet)
        held = connection.execute(ORDERED, (wallet,)).fetchall()
        known = {
            key
            for (key,) in connection.execute(
                "select key from ledger where wallet = %s and key = any(%s)",
                (wallet, [one[1] for one in wanted]),
            )
        }
        rows, taken = [], dict[int, int]()
        for amount, key, about in wanted:
            if key in known:
                continue
            draws = drawn([(lot, left - taken.get(lot, 0)) for lot, left in held], amount)
            if draws is None or had < amount:
                raise TooFew(wallet)
            had -= amount
            for lot, part in draws:
                taken[lot] = taken.get(lot, 0) + part
            rows.append((key, -amount, had, json.dumps(draws), about))
        connection.execute(
            "insert into ledger (wallet, key, amount, balance, draws, reference)"
            " select %s, * from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::jsonb[], %s::text[])",
            (wallet, *(list(column) for column in zip(*rows, strict=True))),
        )
        connection.execute(
            "update lots set remaining = remaining - part from unnest(%s::bigint[], %s::bigint[]) as drawn(lot, part)"
            " where id = lot",
            (list(taken), list(taken.values())),
        )
        connection.execute(
            "update wallets set balance = %s, version = version + 1 where id = %s", (had, wallet)
        )
        return len(rows)


ORDERED: Final = (
    "select id, remaining from lots where wallet = %s and remaining > 0 and expires_at > now()"
    " order by expires_at, id"
)
KNOWN: Final = "select id from ledger where wallet = %s and key = %s"


def drawn(held: Sequence[tuple[int, int]], amount: int) -> list[tuple[int, int]] | None:
    """Returns what each lot gives, in order; None where they have too few."""
    found = []
    for lot, left in held:
        part = min(left, amount)
        if part > 0:
            found.append((lot, part))
            amount -= part
        if not amount:
            return found
    return None


def _one(connection: psycopg.Connection[Any], statement: Any, *values: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(statement, values).fetchone()
    if row is None:
        raise LookupError(values[0])
    return row
