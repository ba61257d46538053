"""Tables for the tests of the store's modules: the simulator's, which answer as DynamoDB does."""

from __future__ import annotations

import pytest

from scrip.store.tables import Tables
from tests.aws import InMemory


@pytest.fixture
def tables() -> Tables:
    """Both tables, empty."""
    return Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
