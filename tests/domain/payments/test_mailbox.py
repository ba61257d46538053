"""One mailbox is one identity however it is written, and two domains are two."""

from __future__ import annotations

import sys
from email.headerregistry import Address

import idna
import pytest
import regex as re
from hypothesis import given, settings
from hypothesis import strategies as some

from scrip.domain.payments.mailbox import canonical_email

SAME: dict[str, list[str]] = {
    "ann@example.com": [
        "ann@example.com",
        "Ann@Example.COM",
        " ann@example.com\n",
        "ann+promo@example.com",
        "ann+a+b@example.com",
        "ann@example.com.",
        "\uff41nn@example.com",
        "ann\uff20example.com",
        "ann@example\u3002com",
        # quotes and comments (RFC 5322)
        '"ann"@example.com',
        '"a\\nn"@example.com',
        '"ann+x"@example.com',
        "ann(home)@example.com",
        "(home)ann@example.com",
        "ann@(at)example.com",
        "ann@example.com(work (or not))",
        "ann @ example.com",
        # what nobody sees
        "a\u200bnn@example.com",
        "\ufeffann@example.com",
        "an\u00adn@example.com",
        "ann\u200d@example.com",
        "ann\u2060\ufe0f@example.com",
        "a\U000e0061nn@example.com",
        "a\u034fnn@example.com",
        "\u202eann\u202c@example.com",
        "ann@exam\u00adple.com",
        "ann@exam\u200bple.com",
    ],
    "ann.lee@example.com": ["ann.lee@example.com", '"ann.lee"@example.com', '"ann".lee@example.com'],
    "ann@gmail.com": ["a.n.n@gmail.com", "A.n.n+x@GoogleMail.com", '"a.n.n"@gmail.com', "ann@gmail.com(x)"],
    "ann@icloud.com": ["ann@me.com", "Ann@mac.com", "ann+shop@icloud.com"],
    "annlee@proton.me": [
        "ann.lee@proton.me",
        "ann-lee@pm.me",
        "Ann_Lee+x@protonmail.com",
        "annlee@protonmail.ch",
    ],
    "ann.lee@yandex.ru": ["ann-lee@yandex.com", "ann.lee@ya.ru", "ann-lee+x@yandex.com.tr"],
    "ann@fastmail.com": ["ann+x@fastmail.com", "x@ann.fastmail.com", "x+y@ann.fastmail.com"],
    "ann@xn--bcher-kva.example": [
        "ann@BÜCHER.example",
        "ann@bu\u0308cher.example",
        "ann@xn--bcher-kva.example",
        "ann@XN--BCHER-KVA.example",
    ],
    "ann@sub.example.co.uk": ["ann@sub.example.co.uk"],
    "jos\u00e9@example.com": ["jos\u00e9@example.com", "jose\u0301@example.com", "JOS\u00c9@example.com"],
    "\u03bd\u03b9\u03ba\u03bf\u03c3@example.com": [
        "\u039d\u0399\u039a\u039f\u03a3@example.com",
        "\u03bd\u03b9\u03ba\u03bf\u03c2@example.com",
    ],
    '"ann lee"@example.com': ['"ann lee"@example.com', '"Ann Lee"@example.com', '"ann lee+x"@example.com'],
    '"a..b"@example.com': ["a..b@example.com", '"a..b"@example.com', "A..B+x@example.com"],
    '"a@b"@example.com': ['"a@b"@example.com', '"a\\@b"@example.com'],
    '"a\\"b"@example.com': ['"a\\"b"@example.com'],
    "ann@xn--i-7iq.example": ["ann@i\u2764.example", "ann@I\u2764\ufe0f.example", "ann@xn--i-7iq.example"],
}


@pytest.mark.parametrize(
    ("text", "canonical"), [(text, canonical) for canonical, texts in SAME.items() for text in texts]
)
def test_an_address_has_one_spelling(text: str, canonical: str) -> None:
    assert canonical_email(text) == canonical
    assert canonical_email(canonical) == canonical, "and it is its own"


TWO = [
    # IDNA 2008 and UTS 46, non-transitional: these are other domains, which other people may own.
    ("ann@stra\u00dfe.example", "ann@strasse.example"),
    ("ann@fa\u00df.example", "ann@fass.example"),
    (
        "ann@\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2.example",
        "ann@\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3.example",
    ),
    (
        "ann@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example",
        "ann@\u0646\u0627\u0645\u0647\u0627\u06cc.example",
    ),
    ("ann@\u0dc1\u0dca\u200d\u0dbb\u0dd3.example", "ann@\u0dc1\u0dca\u0dbb\u0dd3.example"),
    ("ann@b\u00fccher.example", "ann@bucher.example"),
    ("ann@p\u0430ypal.example", "ann@paypal.example"),
    # What one ignores, another does not.
    ("a.nn@example.com", "ann@example.com"),
    ("ann-lee@gmail.com", "annlee@gmail.com"),
    ("ann_lee@yandex.ru", "ann.lee@yandex.ru"),
    ("a.nn@icloud.com", "ann@icloud.com"),
    ("ann@gmail.com.example", "ann@gmail.com"),
    ("x@ann.fastmail.com", "x@fastmail.com"),
    ("ann@hotmail.com", "ann@outlook.com"),
]


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_mailboxes_are_two(one: str, other: str) -> None:
    assert canonical_email(one) != canonical_email(other)


NONE = [
    "",
    "ann",
    "@example.com",
    "ann@",
    "ann@example",
    "ann@.com",
    "ann@example..com",
    "ann lee@example.com",
    "ann@exa mple.com",
    "ann@@example.com",
    "a@b@example.com",
    "+x@example.com",
    "...@gmail.com",
    '""@example.com',
    "\u200b@example.com",
    "ann(@example.com",
    '"ann@example.com',
    "ann@-example.com",
    "ann@example-.com",
    "ann)@example.com",
    'ann@"example".com',
    "ann@[192.0.2.1]",
    "Ann <ann@example.com>",
    "ann@example.com, bob@example.com",
    "ann@exa_mple.com",
    "ann@xn--zz--.example",
    "ann@xn--bcher-KVA\u200d.example",
    "ann@exam\u200dple.com",
    "ann@example.com\x00",
    "an\x07n@example.com",
    "x" * 65 + "@example.com",
    "ann@" + "x" * 64 + ".com",
    "ann@" + "x." * 130 + "com",
    "ann\x00\x20@example.com",
    "ann@\ud800.com",
]


@pytest.mark.parametrize("text", NONE, ids=[repr(text)[:30] for text in NONE])
def test_it_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        canonical_email(text)


def test_what_nobody_sees_is_what_unicode_says() -> None:
    """The library regex has a table of the property."""
    ignorable = re.compile(r"\p{Default_Ignorable_Code_Point}")
    unseen = [chr(code) for code in range(sys.maxunicode + 1) if ignorable.match(chr(code))]
    assert len(unseen) > 4000
    for character in unseen:
        assert canonical_email(f"an{character}n@example.com") == "ann@example.com"


NAMES = some.text("abz09", min_size=1, max_size=12)
LABELS = some.text("ab\u00fc\u00df\u03c2\u4e2d9", min_size=1, max_size=12)


@settings(derandomize=True, max_examples=200)
@given(NAMES, some.lists(LABELS, min_size=2, max_size=4))
def test_a_domain_is_what_the_library_of_idna_2008_makes_of_it(name: str, labels: list[str]) -> None:
    domain = ".".join(labels)
    expected = idna.encode(domain, uts46=True, transitional=False).decode()
    assert canonical_email(f"{name}@{domain}") == f"{name}@{expected}"


@settings(derandomize=True, max_examples=200)
@given(some.text('ab"\\ @().,;:<>[]\u00fc', min_size=1, max_size=12).filter(str.strip))
def test_any_name_can_be_quoted_and_is_its_own(name: str) -> None:
    """The standard library writes the quotes."""
    written = Address(username=name, domain="example.com").addr_spec
    once = canonical_email(written)
    assert canonical_email(once) == once


@settings(derandomize=True, max_examples=300)
@given(some.text(max_size=40))
def test_any_text_is_an_address_or_none(text: str) -> None:
    for tried in (text, f"{text}@example.com", f"ann@{text}", f"ann@{text}.com"):
        try:
            once = canonical_email(tried)
        except ValueError:
            continue
        assert canonical_email(once) == once
