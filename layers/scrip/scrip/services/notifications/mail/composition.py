"""What a letter says: words, numbers, money and dates of the reader's language.

Numbers and dates are written by Babel (https://babel.pocoo.org), from the Unicode Common Locale Data Repository; words
are ours, a file for each language. Babel is in a layer that only one function has, so it is imported where it is used.
Does not own who gets a letter, nor when (``letters``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from scrip.domain.accounts.profile import Profile
from scrip.domain.credits.currencies import major
from scrip.domain.notifications.outgoing import OutgoingEvent

if TYPE_CHECKING:
    from babel import Locale

WORDS: Final = Path(__file__).resolve().parent / "words"
LANGUAGES: Final = ("en", "de", "es", "fr")
"""What letters are written in; the first is that of whoever reads none of them."""
EVENTS: Final = {
    "scrip.balance.low": "low",
    "scrip.lot.expiring": "expiring",
    "scrip.auto_topup.needs_action": "needs_action",
    "scrip.topup.prompt": "prompt",
}
"""Types of events of which a customer is written to, and the name of each letter in the files of words."""
OTHER: Final = "other"
REASONS: Final = ("authentication_required", "method_missing", "method_expired", "declined", OTHER)
"""Why an automatic top-up needs its customer, each with a sentence of its own; the last stands for all others."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be sent, but for whom it goes to.

    Attributes:
        language: a tag of BCP 47.
    """

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class _LetterWords:
    """What one letter says in one language, to be filled."""

    subject: str
    lines: Sequence[str]
    button: str


@dataclass(frozen=True, slots=True)
class _PageWords:
    """What the page behind a letter's link says in one language."""

    title: str
    asks: str
    button: str
    ended: str


@dataclass(frozen=True, slots=True)
class _Words:
    """All words of one language."""

    greeting: str
    greeting_named: str
    footer: str
    end: str
    letters: Mapping[str, _LetterWords]
    reasons: Mapping[str, str]
    page: _PageWords


@dataclass(frozen=True, slots=True)
class _Parts:
    """A letter in its parts, filled. ``link`` is empty where it leads nowhere, and no button is shown."""

    subject: str
    greeting: str
    lines: Sequence[str]
    link: str
    button: str
    footer: str
    end: str
    end_link: str


def compose(event: OutgoingEvent, profile: Profile, unit_name: str, end_link: str) -> Letter:
    """Writes the letter about an event, in the reader's language, zone and spelling of numbers.

    Args:
        event: of one of the types in ``EVENTS``.
        unit_name: what people call the unit that it is about; empty where it is about none.
        end_link: where the reader ends letters of this kind.

    Raises:
        KeyError: it is another type, or a member is missing.
    """
    locale, data = _locale(profile.locale), event.data
    words = _words(locale.language)
    said = words.letters[EVENTS[event.type]]
    values = _values(data, words, locale, profile) | {"unit": unit_name}
    link = str(data.get("checkout_url") or "")
    parts = _Parts(
        subject=_filled(said.subject, values),
        greeting=_filled(words.greeting_named, {"name": profile.name}) if profile.name else words.greeting,
        lines=[_filled(line, values) for line in said.lines],
        link=link,
        button=_filled(said.button, values),
        footer=words.footer,
        end=words.end,
        end_link=end_link,
    )
    return Letter(parts.subject, _text(parts), _html(parts, locale), str(locale))


def _locale(tag: str | None) -> Locale:
    """Returns the locale of numbers and dates: the reader's own where it is of a language that letters are in.

    ``de-AT`` is written in German, with Austria's numbers. A tag that is not known falls back to its language.
    """
    from babel import Locale, negotiate_locale

    parts = (tag or LANGUAGES[0]).replace("_", "-").split("-")
    language = negotiate_locale([parts[0].lower()], LANGUAGES) or LANGUAGES[0]
    for length in range(len(parts), 1, -1):
        found = _known("-".join(parts[:length]))
        if found and found.language == language:
            return found
    return Locale.parse(language)


def _known(tag: str) -> Locale | None:
    """Returns the locale of a tag; None where there is none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return None


def _values(data: Mapping[str, Any], words: _Words, locale: Locale, profile: Profile) -> dict[str, str]:
    """Returns what a letter's sentences are filled with, from an event's data."""
    from babel.numbers import format_currency

    found: dict[str, str] = {}
    for member in ("available", "threshold", "remaining", "credits"):
        if data.get(member) is not None:
            found[member] = _number(str(data[member]), locale)
    if ends := data.get("expires_at"):
        found |= {"expires_at": _instant(ends, locale, profile.time_zone)}
    if price := data.get("price"):
        currency = price.get("currency")
        found |= {
            "price": format_currency(Decimal(major(price.get("amount"), currency)), currency, locale=locale)
        }
    if reason := data.get("reason"):
        found |= {"reason": words.reasons.get(reason) or words.reasons[OTHER]}
    return found


def _number(text: str, locale: Locale) -> str:
    """Writes a decimal, or a percentage such as ``7.5%``, with all of its decimals."""
    from babel.numbers import format_decimal, format_percent

    if text.endswith("%"):
        share = Decimal(text.removesuffix("%")) / 100
        return str(format_percent(share, locale=locale, decimal_quantization=False))
    return str(format_decimal(Decimal(text), locale=locale, decimal_quantization=False))


def _instant(text: str, locale: Locale, zone: str | None) -> str:
    """Writes an instant of RFC 3339 as a date and a time, in the reader's zone, which is named."""
    from babel.dates import format_date, format_time, get_timezone_name

    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    there = at.astimezone(ZoneInfo(zone or "UTC"))
    date = format_date(there, "long", locale=locale)
    time = format_time(there, "short", locale=locale)
    return f"{date}, {time} {get_timezone_name(there, 'short', locale=locale)}"


def _filled(text: str, values: Mapping[str, Any]) -> str:
    """Fills a sentence. What a value says is never read as a sentence itself."""
    return Template(text).substitute(values)


def _text(parts: _Parts) -> str:
    """Returns the letter as plain text."""
    button = f"{parts.button}:\n{parts.link}" if parts.link else ""
    blocks = [parts.greeting, *parts.lines, button, "-- \n" + parts.footer]
    return "\n\n".join(block for block in blocks if block) + f"\n{parts.end}:\n{parts.end_link}\n"


def _html(parts: _Parts, locale: Locale) -> str:
    """Returns the letter as HTML, in which nothing of what it is filled with is markup."""
    paragraph, button = _frame("paragraph.html"), _frame("button.html")
    body = [paragraph.substitute(text=escape(line)) for line in (parts.greeting, *parts.lines)]
    if parts.link:
        body.append(button.substitute(link=escape(parts.link), text=escape(parts.button)))
    return _frame("letter.html").substitute(
        language=locale.language,
        subject=escape(parts.subject),
        body="".join(body),
        footer=escape(parts.footer),
        end=escape(parts.end),
        end_link=escape(parts.end_link),
    )


@cache
def _words(language: str) -> _Words:
    """Reads the words of a language."""
    found = json.loads((WORDS / f"{language}.json").read_bytes())
    letters = {name: _LetterWords(**found.pop(name)) for name in EVENTS.values()}
    return _Words(letters=letters, page=_PageWords(**found.pop("page")), **found)


@cache
def _frame(name: str) -> Template:
    """Reads a frame."""
    return Template((WORDS / name).read_bytes().decode())


def page(tag: str | None, *, ended: bool) -> str:
    """Returns the page behind a letter's link: it asks whether to end letters, or says that they are ended.

    Args:
        tag: the language of the reader's browser, of BCP 47.
    """
    locale = _locale(tag)
    said = _words(locale.language).page
    form = "" if ended else _frame("form.html").substitute(text=escape(said.button))
    return _frame("page.html").substitute(
        language=locale.language,
        title=escape(said.title),
        text=escape(said.ended if ended else said.asks),
        form=form,
    )
