"""Countries: exactly those that ISO 3166-1 has assigned."""

from __future__ import annotations

from babel import Locale

from scrip.domain.accounts.countries import COUNTRIES

RESERVED = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
"""Codes that CLDR has beside those: exceptional reservations, user-assigned ones, and its own."""


def test_countries_are_those_of_cldr_without_what_iso_only_reserves() -> None:
    """249 codes: https://www.iso.org/obp/ui lists as many as officially assigned."""
    territories = {code for code in map(str, Locale("en").territories) if code.isalpha()}
    assert len(COUNTRIES) == 249
    assert territories - RESERVED == COUNTRIES
    assert not COUNTRIES & RESERVED
