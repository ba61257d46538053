"""Which mailbox an e-mail address is of: one spelling for each mailbox, and two for two.

The part before the at sign is read as RFC 5322 writes it, with quotes and comments, and compared without case
(Unicode's ``NFKC_Casefold``). The domain is that of UTS 46, non-transitional (IDNA 2008), so straße.example is not
strasse.example.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import idna

NO_ADDRESS: Final = "must be an e-mail address, such as ann@example.com"
_LONGEST_ADDRESS: Final = 254
_LONGEST_NAME: Final = 64
_ATOM: Final = r"[^\s()<>\[\]:;@\\,.\"\x00-\x1f\x7f-\x9f]+"
_ATOMS: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_TOKEN: Final = re.compile(
    rf"""\"(?P<quoted>(?:[^"\\\x00-\x1f\x7f-\x9f]|\\[^\x00-\x1f\x7f-\x9f])*)\"|(?P<word>{_ATOM})|(?P<sign>[.@])|\s+"""
)
_COMMENT: Final = re.compile(r"[()]|\\.|[^()\\]+")
_ESCAPED: Final = re.compile(r"\\(.)")
_DOMAIN: Final = re.compile(r"(?!-)[^.]{1,63}(?<!-)(\.(?!-)[^.]{1,63}(?<!-))+")
_IGNORABLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What Unicode 16 calls ``Default_Ignorable_Code_Point``: nobody sees it."""


@dataclass(frozen=True, slots=True)
class _Habits:
    """What somebody's mail servers make of a name, and the domain that their domains are the same as."""

    domain: str
    one: Mapping[int, str]
    """By character, what it is the same as: another character, or nothing."""


_GOOGLE: Final = _Habits("gmail.com", str.maketrans({".": ""}))
_APPLE: Final = _Habits("icloud.com", {})
_PROTON: Final = _Habits("proton.me", str.maketrans({".": "", "-": "", "_": ""}))
_YANDEX: Final = _Habits("yandex.ru", str.maketrans({"-": "."}))
_HABITS: Final = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GOOGLE),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    **dict.fromkeys(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), _PROTON),
    **dict.fromkeys(
        ("ya.ru", *(f"yandex.{end}" for end in ("ru", "com", "by", "kz", "ua", "com.tr"))), _YANDEX
    ),
}
"""By domain, from the help pages of Google, Apple, Proton and Yandex."""
_BY_SUBDOMAIN: Final = ("fastmail.com", "fastmail.fm")
"""Domains under which ``tag@ann.fastmail.com`` is ``ann@fastmail.com``: Fastmail's subdomain addressing."""


def canonical_email(text: str) -> str:
    """Returns the address that mail to ``text`` reaches, in one spelling.

    It has no comments, no invisible characters and no quotes that change nothing, no tag after ``+`` (RFC 5233), and
    its domain in ASCII. At providers that ignore more before the at sign, or have several domains for one mailbox,
    that is gone too.

    Raises:
        ValueError: it is no address, or its domain is none (an IP address in brackets is not).
    """
    given = unicodedata.normalize("NFKC", text).strip()
    name, domain = _parts(given)
    name, domain = _name(name), _domain(domain)
    for host in _BY_SUBDOMAIN:
        if domain.endswith(f".{host}"):
            name, domain = domain.removesuffix(f".{host}").rpartition(".")[2], host
    name = name.partition("+")[0]
    if habits := _HABITS.get(domain):
        name, domain = name.translate(habits.one), habits.domain
    if not name or len(name) > _LONGEST_NAME or len(name) + len(domain) >= _LONGEST_ADDRESS:
        raise ValueError(NO_ADDRESS)
    return f"{name if _ATOMS.fullmatch(name) else _quoted(name)}@{domain}"


def _parts(text: str) -> tuple[str, str]:
    """Returns what stands before and after the at sign, without quotes, comments and spaces (RFC 5322, obsolete forms
    too). Dots may follow each other before the at sign, as they do in addresses of some Japanese carriers."""
    tokens = list(_tokens(text))
    signs = [kind for kind, _ in tokens]
    if signs.count("@") != 1 or any(not {one, two} & {".", "@"} for one, two in itertools.pairwise(signs)):
        raise ValueError(NO_ADDRESS)
    at = signs.index("@")
    if "quoted" in signs[at:]:
        raise ValueError(NO_ADDRESS)
    name, domain = ("".join(value for _, value in part) for part in (tokens[:at], tokens[at + 1 :]))
    return name, domain


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yields words, quoted words, dots and at signs, each with what it stands for."""
    place = depth = 0
    while place < len(text):
        found = (_COMMENT if depth or text[place] == "(" else _TOKEN).match(text, place)
        if not found:
            raise ValueError(NO_ADDRESS)
        place = found.end()
        if found.re is _COMMENT:
            depth += {"(": 1, ")": -1}.get(found[0], 0)
        elif (quoted := found["quoted"]) is not None:
            yield "quoted", _ESCAPED.sub(r"\1", quoted)
        elif word := found["word"]:
            yield "word", word
        elif sign := found["sign"]:
            yield sign, sign
    if depth:
        raise ValueError(NO_ADDRESS)


def _name(name: str) -> str:
    """Returns the part before the at sign without what nobody sees, and without case."""
    seen = _IGNORABLE.sub("", name)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())


def _domain(domain: str) -> str:
    """Returns a domain's A-labels: each label mapped by UTS 46, non-transitional, then in Punycode (RFC 3492).

    What UTS 46 allows and IDNA 2008 alone does not, such as emoji, is kept: there are such domains.
    """
    try:
        mapped = idna.uts46_remap(domain, std3_rules=True, transitional=False).removesuffix(".")
        unicode = ".".join(_u_label(label) for label in mapped.split("."))
        made = ".".join(_a_label(label) for label in unicode.split("."))
    except UnicodeError as error:
        raise ValueError(NO_ADDRESS) from error
    if not _DOMAIN.fullmatch(made):
        raise ValueError(NO_ADDRESS)
    return made


def _u_label(label: str) -> str:
    """Returns a label in Unicode. Raises ``UnicodeError`` for one whose Punycode UTS 46 would not have made."""
    if not label.startswith("xn--"):
        return label
    punycode = label.removeprefix("xn--").encode("ascii")
    decoded = punycode.decode("punycode")
    mapped = idna.uts46_remap(decoded, std3_rules=True, transitional=False)
    if decoded.isascii() or decoded.encode("punycode") != punycode or mapped != decoded:
        raise UnicodeError(label)
    return decoded


def _a_label(label: str) -> str:
    """Returns a label in ASCII. Raises ``UnicodeError`` for joiners where their script has none (RFC 5892)."""
    for position, character in enumerate(label):
        if character in "\u200c\u200d" and not idna.core.valid_contextj(label, position):
            raise UnicodeError(label)
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
