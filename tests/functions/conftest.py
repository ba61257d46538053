"""One deployment for a module, one cold start for a test, one account for each that asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from local.provider import Provider, start
from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET, Buyer, Deployment, deployed

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A stand-in provider that sends nothing by itself."""
    started = start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def deployment(provider: Provider) -> Iterator[Deployment]:
    with deployed(provider.url) as made:
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


@pytest.fixture
def buyer(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    """Wants 10 000 credits for 1 000.00 USD, and has not ordered yet."""
    return Buyer(scrip, provider, account)
