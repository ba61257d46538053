"""A rate version prices everything decided at or after its ``effective_at``, in every environment (law 10)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from scrip import runtime
from scrip.domain.credits.rate_cards import RATE_LEAD_MS, RateDefinition
from scrip.services.audit.changes import OPERATOR, Author
from scrip.services.catalogue import rates
from scrip.services.engine.cache import CATALOGUE_FOR
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.grants import GrantCredits, LotTerms
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

NOW = 1_900_000_000_000


@dataclass
class Environment:
    """A warm function: what it remembers ages by its own clock, which is ``ahead`` milliseconds of the true time."""

    ahead: int = 0
    at: int = NOW

    def __post_init__(self) -> None:
        self.executor = Executor(runtime.tables(), clock=lambda: self.at / 1000)

    def burn(self, account: str, true_time: int) -> tuple[int, int]:
        """Burns one of the meter. Returns the instant at which that was decided, and the version that priced it."""
        self.at = true_time + self.ahead
        asked = WalletRequest(account, "credits", f"b{id(self)}-{true_time}", "test", Moment(self.at))
        entry = execute(self.executor, BurnCredits(meter=account, quantity=Fraction(1)), asked)[0].entry
        return entry.at, int(entry.extra["usage"]["rate_version"])


def priced(credits: str) -> RateDefinition:
    return RateDefinition("credits", None, "0", {"model": "per_unit", "credits": credits})


@pytest.mark.parametrize("ahead", [-2_000, 0, 2_000])
def test_what_is_in_force_at_an_instant_prices_it_whoever_is_asked(
    scrip: Deployment, account: str, ahead: int
) -> None:
    """Version 2 is put 10 s after an environment read the card, and 40 s, and while it keeps reading."""
    catalogue, burning = Executor(runtime.tables()), [Environment(ahead), Environment(), Environment(-ahead)]
    rates.put_rate(catalogue, account, priced("1"), Moment(NOW), Author(OPERATOR, NOW))
    asked = WalletRequest(account, "credits", "g", "test", Moment(NOW))
    execute(catalogue, GrantCredits("1000", LotTerms()), asked)
    for one in burning:
        one.burn(account, NOW + 5_000)
    _, second, _ = rates.put_rate(
        catalogue, account, priced("2"), Moment(NOW + 15_000), Author(OPERATOR, NOW)
    )
    begins = second.effective_at
    assert begins == NOW + 15_000 + RATE_LEAD_MS
    told = [
        one.burn(account, at)
        for at in range(NOW + 16_000, begins + 2 * int(CATALOGUE_FOR * 1000), 4_500)
        for one in burning
    ]
    assert {version for _, version in told} == {1, 2}
    assert [(at, version) for at, version in told if version != 1 + (at >= begins)] == []
