"""One deployment for a module, with a stand-in payment provider; the rest is as for all tests in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.standins import stripe as standins
from local.standins.dodo import Provider, start
from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET, Buyer, Deployment, deployed


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A stand-in provider that sends nothing by itself."""
    started = start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def stripe() -> Iterator[standins.Provider]:
    """The same of Stripe."""
    started = standins.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def deployment(provider: Provider, stripe: standins.Provider) -> Iterator[Deployment]:
    with deployed(provider.url, stripe.url) as made:
        yield made


@pytest.fixture
def buyer(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    """Wants 10 000 credits for 1 000.00 USD, and has not ordered yet."""
    return Buyer(scrip, provider, account)
