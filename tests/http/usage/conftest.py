"""What tests of usage have in common."""

from __future__ import annotations

import pytest

from tests.aws import Deployment
from tests.http.usage.reported import CARD


@pytest.fixture
def calls(scrip: Deployment) -> None:
    """The meter `calls` at two credits each, since 2029."""
    assert scrip.put("/v1/rates/calls", CARD, clock="2029-01-01T00:00:00Z").status in (200, 201)
