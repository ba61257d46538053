"""Profiles: the body and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, StringConstraints

from scrip.domain.accounts.countries import COUNTRIES, NO_COUNTRY
from scrip.domain.accounts.names import check_name
from scrip.domain.accounts.profile import (
    EMAIL_PATTERN,
    LOCALE_PATTERN,
    LONGEST_EMAIL,
    LONGEST_LOCALE,
    LONGEST_NAME,
    NO_LOCALE,
    Profile,
    check_email,
)
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.payments.mailbox import canonical_email
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body, Currency, Zone
from scrip.http.edge.mistakes import matching
from scrip.http.edge.parameters import Query, format_instant
from scrip.services.accounts.profiles import KnownProfile

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Name

PersonName = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AfterValidator(check_name)
]
Address = Annotated[
    str,
    StringConstraints(min_length=3, max_length=LONGEST_EMAIL),
    AfterValidator(check_email),
    Field(json_schema_extra={"pattern": EMAIL_PATTERN}),
]
"""One mailbox, as mail to it is addressed."""
Country = Annotated[str, matching(f"^({'|'.join(sorted(COUNTRIES))})$", NO_COUNTRY)]
Locale = Annotated[str, StringConstraints(max_length=LONGEST_LOCALE), matching(LOCALE_PATTERN, NO_LOCALE)]


class ProfileBody(Body):
    """A customer's profile. It replaces all of the one before: what is left out is not known any more."""

    name: PersonName | None = None
    """What the customer is called."""
    email: Address | None = None
    """The customer's e-mail address, by which the account is found."""
    country: Country | None = None
    """The customer's country, of ISO 3166-1. Since when it is so is kept for reports, and outlives the profile."""
    time_zone: Zone | None = None
    """The customer's time zone, of the IANA database."""
    locale: Locale | None = None
    """The language that the customer is written to in: a tag of BCP 47."""
    currency: Currency | None = None
    """The currency that the customer pays in, of ISO 4217."""

    def profile(self) -> Profile:
        """Returns the profile that it says."""
        return Profile(**self.members_of(Profile))


class ProfileView(TypedDict):
    """A customer's profile. Members that are null are not known."""

    account: Name
    """The customer, by your own id for them."""
    name: str | None
    """What the customer is called."""
    email: str | None
    """The customer's e-mail address."""
    country: str | None
    """The customer's country, of ISO 3166-1."""
    time_zone: str | None
    """The customer's time zone, of the IANA database."""
    locale: str | None
    """The language that the customer is written to in: a tag of BCP 47."""
    currency: str | None
    """The currency that the customer pays in, of ISO 4217."""
    updated_at: At
    """When it was changed last."""


def mailbox_asked(query: Query) -> str | None:
    """Reads the mailbox whose accounts are asked for, in its one spelling; None: all accounts are.

    A plus is in many addresses, is sent as it is by many, and in a query is a space, which is in none.

    Raises:
        InvalidRequest: it is no address.
    """
    text = query.text("email")
    if text is None:
        return None
    try:
        return canonical_email(check_email(text.replace(" ", "+")))
    except ValueError as error:
        raise InvalidRequest([("email", str(error))]) from error


def profile_view(known: KnownProfile) -> ProfileView:
    """Shows a profile."""
    one = known.profile
    return {
        "account": known.account,
        "name": one.name,
        "email": one.email,
        "country": one.country,
        "time_zone": one.time_zone,
        "locale": one.locale,
        "currency": one.currency,
        "updated_at": format_instant(known.updated_at),
    }
