"""Profiles: what an address and a language may be, and what of a profile may be told."""

from __future__ import annotations

import re

import pytest
from babel.core import Locale
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.accounts.profile import (
    LOCALE_PATTERN,
    Profile,
    ProfileRecord,
    check_email,
)

WHOLE = Profile("Ann Example", "Ann.Example+news@GMail.com", "DE", "Europe/Berlin", "de-DE", "EUR")


def test_every_language_of_cldr_is_one() -> None:
    """Babel's own names of them, with hyphens as BCP 47 has them; and what babel makes of ours is the same language."""
    for name in locale_identifiers():
        tag = name.replace("_", "-")
        assert re.fullmatch(LOCALE_PATTERN, tag), tag
        assert str(Locale.parse(tag, sep="-")) == name


@pytest.mark.parametrize(
    "tag",
    [
        # RFC 5646, appendix A.
        *("de", "fr", "ja", "zh-Hant", "zh-Hans", "sr-Cyrl", "sr-Latn", "zh-cmn-Hans-CN", "cmn-Hans-CN", "zh-yue-HK"),
        *("yue-HK", "zh-Hans-CN", "sr-Latn-RS", "sl-rozaj", "sl-rozaj-biske", "sl-nedis", "de-CH-1901", "sl-IT-nedis"),
        *("hy-Latn-IT-arevela", "de-DE", "en-US", "es-419", "de-CH-x-phonebk", "az-Arab-x-AZE-derbend"),
        *("qaa-Qaaa-QM-x-southern", "de-Qaaa", "sr-Latn-QM", "sr-Qaaa-RS", "en-US-u-islamcal"),
        *("zh-CN-a-myext-x-private", "en-a-myext-b-another"),
    ],
)  # fmt: skip
def test_a_well_formed_tag_is_a_language(tag: str) -> None:
    assert re.fullmatch(LOCALE_PATTERN, tag)


@pytest.mark.parametrize(
    "tag",
    ["", "d", "de_DE", "de-", "-de", "de--DE", "de-DE-", "419",
     "a-DE", "de-419-DE", "englishish", "de-a", "de-x", "dé", "de DE", "*"],
)  # fmt: skip
def test_what_is_no_tag_is_no_language(tag: str) -> None:
    """The first two of RFC 5646's own examples of tags that are not: de-419-DE has two regions, a-DE no language."""
    assert not re.fullmatch(LOCALE_PATTERN, tag)


@pytest.mark.parametrize(
    "address",
    ["ann@example.com", "Ann.O'Neil+tag@Example.co.uk", "ann@straße.example", '"a\\"b"@example.com'],
)
def test_one_mailbox_is_an_address(address: str) -> None:
    assert check_email(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "ann", "@example.com", "ann@", "ann@@example.com", "ann@example", "Ann <ann@example.com>",
     "ann@example.com, bob@example.com", "ann@example.com;bob@example.com", "ann (home)@example.com",
     " ann@example.com", "ann@example.com ", "ann @example.com", "ann@example.com\n",
     "ann\r\nBcc: bob@example.com", "ann\u200b@example.com", "ann\x00@example.com", "ann@[192.0.2.1]",
     "ann@exa mple.com", '"a b"@example.com', "a" * 250 + "@example.com",
     "ann+" + "t" * 250 + "@example.com", "mailto:ann@example.com"],
)  # fmt: skip
def test_several_or_none_or_what_a_mail_server_could_read_otherwise_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        check_email(address)


def test_spellings_of_one_mailbox_are_one() -> None:
    assert WHOLE.mailbox == Profile(email="annexample@googlemail.com").mailbox == "annexample@gmail.com"
    assert Profile(name="Ann").mailbox is None


def test_of_a_profile_the_names_of_its_members_are_told_and_nothing_else() -> None:
    assert WHOLE.members == ["name", "email", "country", "time_zone", "locale", "currency"]
    assert Profile(country="DE", currency="EUR").members == ["country", "currency"]
    assert Profile().members == []


PROFILES = st.builds(Profile, **dict.fromkeys(WHOLE.members, st.none() | st.text(max_size=3)))


@given(
    st.builds(ProfileRecord, st.none() | PROFILES, st.integers(1, 10**14), st.none() | st.text(max_size=3))
)
def test_what_is_stored_is_read_as_it_was(record: ProfileRecord) -> None:
    assert ProfileRecord.from_json(record.to_json()) == record
    assert record.erased == (record.profile is None)


def test_an_account_that_never_had_a_profile_has_none_erased() -> None:
    assert ProfileRecord.from_json({}) == ProfileRecord()
    assert not ProfileRecord().erased
