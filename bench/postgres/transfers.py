"""pgledger's schema, rebuilt from its published description (https://github.com/pgr0ss/pgledger, README and AGENTS.md;
none of its code).

What is described: accounts have a name, a currency, a balance, a version, and whether they may be negative or positive;
a transfer moves an amount from one to another and has two entries, each with the account's balance before and after and
its version; one function makes many transfers in one transaction and locks accounts in order of their ids; ids are
prefixed ULIDs. It is a general ledger: it knows no lots, no ends, and no keys under which a transfer is made once.

A burn is a transfer from the wallet's account to one for what was burned. Each wallet has an account of its own for
that: one for all would be a hot account even where wallets are not. The reference is in a transfer's metadata, of which
one call has one for all its transfers: those of a batch have none of their own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import psycopg

from bench.postgres.race import START, Schema, Style

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _ulid(bytes_of: str) -> str:
    """Returns the SQL that writes 16 bytes as the 26 digits of a ULID: 130 bits, of which the first two are nothing."""

    def digit(number: int) -> str:
        last = number * 5 + 2  # of the digit's last bit, counted in the 128
        byte, shift = last // 8, 7 - last % 8
        value = f"get_byte({bytes_of}, {byte}) >> {shift}"
        if shift > 3 and byte:
            value = f"(get_byte({bytes_of}, {byte - 1}) << {8 - shift}) | ({value})"
        return f"substr('{ALPHABET}', 1 + (({value}) & 31), 1)"

    return " || ".join(digit(number) for number in range(26))


TABLES: Final = f"""
create function new_id(prefix text) returns text language plpgsql volatile as $$
declare
    raw bytea := substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        || substring(uuid_send(gen_random_uuid()) from 7);
begin
    return prefix || {_ulid("raw")};
end $$;
create table accounts (
    id text primary key default new_id('pgla_'),
    name text not null,
    currency text not null,
    balance numeric not null default 0,
    version bigint not null default 0,
    allow_negative_balance boolean not null,
    allow_positive_balance boolean not null,
    metadata jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table transfers (
    id text primary key default new_id('pglt_'),
    from_account_id text not null references accounts,
    to_account_id text not null references accounts,
    amount numeric not null check (amount > 0),
    created_at timestamptz not null default now(),
    event_at timestamptz not null,
    metadata jsonb,
    check (from_account_id <> to_account_id)
);
create index on transfers (from_account_id);
create index on transfers (to_account_id);
create table entries (
    id text primary key default new_id('pgle_'),
    account_id text not null references accounts,
    transfer_id text not null references transfers,
    amount numeric not null,
    account_previous_balance numeric not null,
    account_current_balance numeric not null,
    account_version bigint not null,
    created_at timestamptz not null default now()
);
create index on entries (account_id);
create index on entries (transfer_id);
create type wanted_transfer as (from_account_id text, to_account_id text, amount numeric);
"""
FUNCTIONS: Final = """
create function post(account text, moved numeric, transfer text) returns void language plpgsql as $$
declare
    now_is accounts;
begin
    update accounts set balance = balance + moved, version = version + 1, updated_at = now()
        where id = account returning * into strict now_is;
    if (now_is.balance < 0 and not now_is.allow_negative_balance)
        or (now_is.balance > 0 and not now_is.allow_positive_balance) then
        raise exception 'account % may not have a balance of %', account, now_is.balance;
    end if;
    insert into entries (account_id, transfer_id, amount, account_previous_balance, account_current_balance,
            account_version)
        values (account, transfer, moved, now_is.balance - moved, now_is.balance, now_is.version);
end $$;
create function create_transfers(wanted wanted_transfer[], happened timestamptz, notes jsonb)
returns setof transfers language plpgsql as $$
declare
    one wanted_transfer; made transfers;
begin
    perform 1 from accounts
        where id in (select from_account_id from unnest(wanted) union select to_account_id from unnest(wanted))
        order by id for update;
    foreach one in array wanted loop
        insert into transfers (from_account_id, to_account_id, amount, event_at, metadata)
            values (one.from_account_id, one.to_account_id, one.amount, coalesce(happened, now()), notes)
            returning * into made;
        perform post(one.from_account_id, -one.amount, made.id);
        perform post(one.to_account_id, one.amount, made.id);
        return next made;
    end loop;
end $$;
"""
BURN: Final = (
    "select id from create_transfers("
    "(select array_agg(row(%s, %s, 1)::wanted_transfer) from generate_series(1, %s)), null, %s)"
)


class Transfers(Schema):
    """Accounts, transfers and entries."""

    name = "pgledger, rebuilt"
    styles = (
        Style("one call", trips=1, locked_trips=0),
        Style("90 in a transaction", trips=1, locked_trips=0, burns=90),
        Style("500 in a transaction", trips=1, locked_trips=0, burns=500),
    )

    def __init__(self) -> None:
        self._burned: dict[str, str] = {}
        """By the account of a wallet, that of what was burned from it."""

    def create(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(TABLES, prepare=False)
        connection.execute(FUNCTIONS, prepare=False)

    def open(self, connection: psycopg.Connection[Any], wallet: str) -> str:
        made = "insert into accounts (name, currency, allow_negative_balance, allow_positive_balance)"
        ids = [
            str(row[0])
            for name in ("bought", "wallet", "burned")
            for row in connection.execute(
                made + " values (%s, 'CREDITS', %s, true) returning id",
                (f"{wallet}.{name}", name == "bought"),
            )
        ]
        bought, account, self._burned[ids[1]] = ids
        connection.execute(
            "select id from create_transfers(array[row(%s, %s, %s)::wanted_transfer], null, null)",
            (bought, account, START),
        )
        return account

    def burn(
        self, connection: psycopg.Connection[Any], style: Style, wallet: str, keys: Sequence[str]
    ) -> None:
        notes = json.dumps({"reference": keys[0]}) if style.burns == 1 else None
        connection.execute(BURN, (wallet, self._burned[wallet], style.burns, notes)).fetchall()

    def burned(self, connection: psycopg.Connection[Any], wallet: str) -> int | None:
        other = self._burned[wallet]
        row = connection.execute(
            "select (select %s - balance from accounts where id = %s),"
            " (select balance from accounts where id = %s),"
            " (select coalesce(sum(amount), 0) from transfers where to_account_id = %s),"
            " (select %s - sum(amount) from entries where account_id = %s)",
            (START, wallet, other, other, START, wallet),
        ).fetchone()
        assert row
        taken, *others = map(int, row)
        return taken if all(one == taken for one in others) else None
