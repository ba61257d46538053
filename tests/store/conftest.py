"""One deployment for a module, one cold start for a test, one account for each that asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.aws import Deployment, deployed

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deployed() as made:
        yield made


@pytest.fixture
def scrip(deployment: Deployment) -> Deployment:
    """The module's deployment, cold."""
    deployment.fresh()
    return deployment


@pytest.fixture
def account() -> str:
    """An account that nobody has used."""
    return f"acme-{next(_NUMBERS)}"
