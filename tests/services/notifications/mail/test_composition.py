"""What letters say, in each language, by numbers and dates of the reader; and that no markup is in them but ours."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from string import Template
from typing import Any

import pytest

from scrip.domain.accounts.profile import Profile
from scrip.domain.notifications.outgoing import OutgoingEvent, outgoing
from scrip.domain.payments.auto_topup import BUYERS
from scrip.services.notifications.mail import composition
from scrip.services.notifications.mail.composition import EVENTS, LANGUAGES, REASONS, compose

END = "https://scrip.example.com/v1/letters/abc"
LOW = {"unit": "credits", "threshold": "1000.5", "available": "987.25", "entry_id": "k.1", "seq": 7}
EXPIRING = {
    "unit": "credits",
    "lot_id": "lot_a_1",
    "remaining": "12000",
    "expires_at": "2030-03-31T22:00:00.000Z",
    "notice": "P7D",
    "notice_id": "n",
}
ACTION = {"topup_id": "t", "reason": "authentication_required", "next_attempt_at": None}
PROMPT = {
    "topup_id": "t",
    "unit": "credits",
    "credits": "5000",
    "price": {"amount": 123450, "currency": "EUR"},
    "reason": "declined",
    "checkout_url": "https://pay.example.com/s?a=1&b=2",
}
DATA: dict[str, Any] = {
    "scrip.balance.low": LOW,
    "scrip.lot.expiring": EXPIRING,
    "scrip.auto_topup.needs_action": ACTION,
    "scrip.topup.prompt": PROMPT,
}


def event(type_: str, **data: Any) -> OutgoingEvent:
    return outgoing({"id": "evt_1", "type": type_, "subject": "acme", "data": DATA[type_] | data}, 0)


def letter(
    type_: str, profile: Profile | None = None, unit: str = "Credits", **data: Any
) -> composition.Letter:
    return compose(event(type_, **data), profile or Profile(), unit, END)


def spaced(text: str) -> str:
    """Spaces that do not break are spaces."""
    return re.sub(r"[\u00a0\u202f]", " ", text)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        (None, "Your balance is down to 987.25 Credits"),
        ("en-GB", "Your balance is down to 987.25 Credits"),
        ("de-DE", "Ihr Guthaben: noch 987,25 Credits"),
        ("de", "Ihr Guthaben: noch 987,25 Credits"),
        ("fr-CA", "Il vous reste 987,25 Credits"),
        ("es-MX", "Le quedan 987.25 Credits"),
        ("es-ES", "Le quedan 987,25 Credits"),
        ("zh-Hant-TW", "Your balance is down to 987.25 Credits"),
        ("de-x-anything", "Ihr Guthaben: noch 987,25 Credits"),
        ("es-MX-anything", "Le quedan 987.25 Credits"),
        ("ES-mx", "Le quedan 987.25 Credits"),
    ],
)
def test_a_letter_is_in_the_readers_language_with_the_numbers_of_the_readers_country(
    locale: str | None, subject: str
) -> None:
    assert letter("scrip.balance.low", Profile(locale=locale)).subject == subject


@pytest.mark.parametrize(
    ("locale", "zone", "said"),
    [
        ("en-US", None, "March 31, 2030, 10:00 PM UTC"),
        ("en-GB", "Europe/London", "31 March 2030, 23:00 BST"),
        ("de-DE", "Europe/Berlin", "1. April 2030, 00:00 MESZ"),
        ("fr-FR", "Europe/Paris", "1 avril 2030, 00:00"),
    ],
)
def test_an_end_is_told_in_the_readers_zone_which_is_named(locale: str, zone: str | None, said: str) -> None:
    """22:00 UTC on the 31st of March is the 1st of April in Berlin, where summer began that day."""
    text = spaced(letter("scrip.lot.expiring", Profile(locale=locale, time_zone=zone)).text)
    assert said in text


@pytest.mark.parametrize(
    ("currency", "amount", "locale", "said"),
    [
        ("EUR", 123450, "en-IE", "€1,234.50"),
        ("EUR", 123450, "de-DE", "1.234,50 €"),
        ("JPY", 123450, "en-US", "¥123,450"),
        ("KWD", 123450, "en-US", "KWD123.450"),
    ],
)
def test_a_price_has_the_decimals_of_its_currency(currency: str, amount: int, locale: str, said: str) -> None:
    made = letter(
        "scrip.topup.prompt", Profile(locale=locale), price={"amount": amount, "currency": currency}
    )
    assert said in spaced(made.text)


@pytest.mark.parametrize(
    ("locale", "threshold", "said"),
    [
        ("en", "1000.5", "fallen to 1,000.5 or below"),
        ("en", "0.123456", "fallen to 0.123456 or below"),
        ("en", "50%", "fallen to 50% or below"),
        ("de-DE", "7.25%", "auf 7,25 % oder darunter"),
        ("fr-FR", "100%", "100 %"),
    ],
)
def test_a_threshold_is_an_amount_or_a_percentage_with_all_its_decimals(
    locale: str, threshold: str, said: str
) -> None:
    assert said in spaced(letter("scrip.balance.low", Profile(locale=locale), threshold=threshold).text)


def test_a_letters_text_has_its_parts_one_after_the_other() -> None:
    """A greeting, sentences, a button where there is a link, why it came, and how it ends."""
    plain = letter("scrip.auto_topup.needs_action", unit="", reason="other").text
    assert plain == (
        "Hello,\n\n"
        "We could not top up your credits. Please check your payment method.\n\n"
        "-- \nYou get this message because of your credits.\n"
        f"Stop these messages:\n{END}\n"
    )
    linked = letter("scrip.topup.prompt", Profile(name="Ann")).text
    assert linked == (
        "Hello Ann,\n\n"
        "A payment for your credits did not go through. You can buy 5,000 Credits for €1,234.50 here.\n\n"
        f"Pay €1,234.50:\n{PROMPT['checkout_url']}\n\n"
        "-- \nYou get this message because of your credits.\n"
        f"Stop these messages:\n{END}\n"
    )


@pytest.mark.parametrize("type_", EVENTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_whole_in_every_language_in_text_and_in_html(language: str, type_: str) -> None:
    made = letter(type_, Profile(name="Ann", locale=language))
    for text in (made.subject, made.text, made.html):
        assert "$" not in text, "something was not filled in"
    assert made.language == language
    assert "Ann" in made.text
    assert END in made.text
    assert f'href="{END}"' in made.html
    assert f'lang="{language}"' in made.html
    assert "\n" not in made.subject


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_languages_have_the_same_letters_with_the_same_values_in_them(language: str) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(one) for name, one in value.items()}
        if isinstance(value, list):
            return [shape(one) for one in value]
        return sorted(set(Template(value).get_identifiers()))

    words = {
        name: json.loads((composition.WORDS / f"{name}.json").read_text())
        for name in (LANGUAGES[0], language)
    }
    assert shape(words[language]) == shape(words[LANGUAGES[0]])
    assert set(words[language]["reasons"]) == set(REASONS)


def test_a_prompt_leads_to_the_checkout_and_a_letter_without_a_link_has_no_button() -> None:
    made = letter("scrip.topup.prompt")
    assert str(PROMPT["checkout_url"]) in made.text
    assert 'href="https://pay.example.com/s?a=1&amp;b=2"' in made.html
    assert letter("scrip.balance.low").html.count("<a ") == 1, "the link that ends letters alone"


def test_there_is_a_sentence_of_its_own_for_what_a_buyer_alone_can_take_away() -> None:
    assert {*REASONS} == {*BUYERS, "declined", "other"}


@pytest.mark.parametrize("reason", [*REASONS, "a_later_one"])
def test_every_reason_has_a_sentence_also_one_of_a_later_version(reason: str) -> None:
    text = letter("scrip.auto_topup.needs_action", reason=reason).text
    known = json.loads((composition.WORDS / "en.json").read_text())["reasons"]
    assert known.get(reason, known["other"]) in text


class Tags(HTMLParser):
    """Which tags and attributes a text has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, " ".join(name for name, _ in attrs)))


def tags(html: str) -> list[tuple[str, str]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


EVIL = '"><script>alert(1)</script><a href="https://evil.example" onclick=x>&$available ${x} {0} %s'


def test_what_others_say_is_never_markup_nor_a_sentence_to_be_filled() -> None:
    """A name, a unit's name or a link that tries to be more: the letter has the same tags as of plain ones."""
    plain = letter("scrip.topup.prompt", Profile(name="Ann"))
    made = compose(
        event("scrip.topup.prompt", checkout_url=f"https://pay.example.com/{EVIL}"),
        Profile(name=EVIL),
        EVIL,
        END,
    )
    assert tags(made.html) == tags(plain.html)
    assert EVIL in made.text, "as plain text it is what it is"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_behind_the_link_asks_in_the_readers_language_and_then_says_that_it_is_done(
    language: str,
) -> None:
    asks, done = composition.page(language, ended=False), composition.page(language, ended=True)
    assert "<form" in asks
    assert "<form" not in done
    assert "$" not in asks + done
    assert f'lang="{language}"' in asks
    assert asks != composition.page("en" if language != "en" else "de", ended=False)
