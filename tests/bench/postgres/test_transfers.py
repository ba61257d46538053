"""The schema that is rebuilt: accounts that may not be overdrawn, and ids."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from bench.postgres.race import START
from bench.postgres.transfers import Transfers, _ulid

pytestmark = pytest.mark.long


def test_an_account_of_the_other_is_not_overdrawn(connection: psycopg.Connection[Any]) -> None:
    schema = Transfers()
    schema.create(connection)
    account = schema.open(connection, "w")
    other = schema.open(connection, "v")
    with pytest.raises(psycopg.errors.RaiseException, match="may not have a balance of -1"):
        connection.execute(
            "select id from create_transfers(array[row(%s, %s, %s)::wanted_transfer], null, null)",
            (account, other, START + 1),
        )
    assert schema.burned(connection, account) == 0


def test_an_id_is_a_ulid(connection: psycopg.Connection[Any]) -> None:
    """Sixteen bytes as 26 digits of Crockford's 32: all ones begin with 7; a 1 in the last byte is the last digit."""
    for raw, text in (("ff" * 16, "7" + "Z" * 25), ("00" * 15 + "01", "0" * 25 + "1"), ("00" * 16, "0" * 26)):
        found = connection.execute("select " + _ulid(f"'\\x{raw}'::bytea")).fetchone()
        assert found == (text,)
