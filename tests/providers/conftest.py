"""Set-up that the tests of several providers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.receiving import Scrip, receiving


@pytest.fixture
def scrip() -> Iterator[Scrip]:
    """The server that stand-ins send their webhooks to."""
    with receiving() as server:
        yield server
