"""What each provider counts of each currency, and refuses or doubts: as it was read last (``data/counted.json``, which
``python -m tests.providers.test_counted`` writes anew). Why it is so is in test_minor_units and the providers' own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from scrip.domain.credits.currencies import DECIMALS
from scrip.providers import having
from scrip.providers.minor_units import MinorUnits, NotChargeable, minor_units
from tests.providers.samples import DATA

FILE: Final = DATA / "counted.json"
PROVIDERS: Final = sorted(having("webhook"))
AMOUNTS: Final = (
    *(
        0,
        1,
        5,
        10,
        29,
        30,
        49,
        50,
        99,
        100,
        101,
        150,
        199,
        200,
        249,
        250,
        299,
        300,
        399,
        400,
        999,
        1000,
        1010,
        1499,
    ),
    *(1500, 17499, 17500, 123456, 10**6 - 1, 10**6, 10**8 - 1, 10**8, 10**12 - 1, 10**12),
)


def _said(of: MinorUnits, currency: str) -> Iterator[Any]:
    for name in ("theirs", "ours", "doubt", "floor"):
        for amount in AMOUNTS:
            try:
                yield getattr(of, name)(amount, currency)
            except NotChargeable as error:
                yield str(error)


def counted(provider: str) -> dict[str, str]:
    """Returns by currency a digest of all that is said of it; of one that there is not, too."""
    found = {code: [*_said(minor_units(provider), code)] for code in sorted({*DECIMALS, "XXX"})}
    return {code: hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8] for code, said in found.items()}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_currency_is_counted_as_it_was(provider: str) -> None:
    assert counted(provider) == json.loads(FILE.read_text(encoding="utf-8"))[provider]


if __name__ == "__main__":
    FILE.write_text(
        json.dumps({name: counted(name) for name in PROVIDERS}, indent=0) + "\n", encoding="utf-8"
    )
