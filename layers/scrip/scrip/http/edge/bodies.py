"""Forms and base classes that request bodies have in common. They are strict: no coercion, no unknown members, a
bound on everything. Each body stands with the answers of its noun."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import AMOUNT_FORM, AMOUNT_PATTERN
from scrip.domain.credits.calendar import (
    DURATION_PATTERN,
    EVERY_PATTERN,
    EndOf,
    check_duration,
    check_every,
    check_zone,
)
from scrip.domain.credits.currencies import DECIMALS, NO_CURRENCY
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.mistakes import matching, no_number
from scrip.http.edge.parameters import ID_FORM, ID_PATTERN, INSTANT_PATTERN, instant

T = TypeVar("T")

LONGER_THAN_NOTHING = f"^(?=.*[1-9]){DURATION_PATTERN.removeprefix('^')}"
MORE_THAN_ZERO = AMOUNT_PATTERN.replace("^", r"^(?!0(\.0+)?$)", 1)

URL_PATTERN = r"^(https://[^/\s@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)(/\S*)?$"
MAX_MONEY = 10**15
"""Most minor units of one amount of money: ten trillion dollars is a mistake."""


def _instant(value: Any) -> int:
    try:
        return instant(value if isinstance(value, str) else "", "")
    except InvalidRequest as error:
        raise ValueError(error.facts["errors"][0]["message"]) from error


def _at_most(most: int) -> AfterValidator:
    """Refuses an object with more members."""

    def check(named: dict[str, str]) -> dict[str, str]:
        if len(named) > most:
            raise ValueError(f"must have at most {most} members")
        return named

    return AfterValidator(check)


def _url(text: str) -> str:
    """Refuses a URL at which a buyer's answer could be read on its way."""
    if not re.fullmatch(URL_PATTERN.strip("^$"), text):
        raise ValueError("must be an https URL, or one of this machine such as http://localhost:3000")
    return text


def distinct(names: list[T]) -> list[T]:
    """Refuses a list in which something comes twice. It is annotated after the list's bounds, so that a list that is
    too long is refused as such before any of its members is read."""
    if len(set(names)) < len(names):
        raise ValueError("name each one once")
    return names


# What a validator checks in a pattern's stead, the OpenAPI document is told (WithJsonSchema).
AmountOrZero = Annotated[str, matching(AMOUNT_PATTERN, AMOUNT_FORM), BeforeValidator(no_number)]
Amount = Annotated[AmountOrZero, Field(json_schema_extra={"pattern": MORE_THAN_ZERO})]
"""Zero is refused later, once the unit is known."""
Every = Annotated[
    str,
    AfterValidator(check_every),
    Field(json_schema_extra={"format": "duration", "pattern": EVERY_PATTERN}),
]
"""A whole number of days, weeks, months or years."""
Identifier = Annotated[str, matching(ID_PATTERN, ID_FORM)]
Instant = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
"""Epoch milliseconds; on the wire an RFC 3339 text."""
Duration = Annotated[
    str,
    AfterValidator(check_duration),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(check_zone)]
Share = Annotated[
    str,
    matching(r"^(0(\.[0-9]{1,35})?|1(\.0{1,18})?)$", "must be a decimal string from 0 to 1, such as 0.5"),
    BeforeValidator(no_number),
]
"""A decimal from 0 to 1."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Priority = Annotated[int, Field(ge=0, le=limits.MAX_PRIORITY)]
Currency = Annotated[
    str,
    matching(
        f"^({'|'.join(sorted(DECIMALS))})$",
        NO_CURRENCY,
    ),
]
Url = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(_url),
    Field(json_schema_extra={"pattern": URL_PATTERN}),
]
"""Where a buyer or customer comes back to."""
MetadataKey = Annotated[str, StringConstraints(min_length=1, max_length=limits.METADATA_KEY)]
MetadataValue = Annotated[str, StringConstraints(max_length=limits.METADATA_VALUE)]
Metadata = Annotated[
    dict[MetadataKey, MetadataValue],
    _at_most(limits.METADATA_MEMBERS),
    Field(json_schema_extra={"maxProperties": limits.METADATA_MEMBERS}),
]


Tags = Annotated[
    dict[MetadataKey, Annotated[str, StringConstraints(min_length=1, max_length=limits.TAG_VALUE)]],
    _at_most(limits.TAGS),
    Field(json_schema_extra={"maxProperties": limits.TAGS}),
]


UNIQUE: Final[JsonDict] = {"uniqueItems": True}
"""What the OpenAPI document says of a list that ``distinct`` checks."""


class Body(BaseModel):
    """A JSON object with these members and no others. ``may_be_missing``: a request needs none of them."""

    may_be_missing: ClassVar[bool] = False
    # Each is built when it is first asked for: a cold start builds the one that the request needs, not twenty.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    def members_of(self, command: type[Any]) -> dict[str, Any]:
        """Returns this body's members that a command, a dataclass, has too, by name: they mean the same there."""
        return {each.name: getattr(self, each.name) for each in fields(command) if hasattr(self, each.name)}


def called(name: str) -> Any:
    """Makes the rule of a body that refuses a member by its name in Python: pydantic lets it pass beside ``name``."""

    def named(_cls: type[Body], members: Any) -> Any:
        if isinstance(members, dict) and f"{name}_" in members:
            raise ValueError(f"{name}_: is not a member of this request: it is called {name}")
        return members

    rule: Any = classmethod(named)
    return model_validator(mode="before")(rule)


class MoneyBody(Body):
    """Minor units of an ISO 4217 currency."""

    amount: Annotated[int, Field(ge=0, le=MAX_MONEY)]
    """Minor units (cents). Currencies have 0, 2 or 3 decimals."""
    currency: Currency
    """ISO 4217, capital letters."""

    def money(self) -> Money:
        """Returns it as the domain has it."""
        return Money(self.amount, self.currency)


class ReferenceBody(Body):
    """What in the caller's world a movement is about."""

    type: Label
    """What kind of thing it is, e.g. `invoice`, `job`."""
    id: Label
    """Which one."""


class LifetimeBody(Body):
    """How long credits live. Said to be null: for ever; left out: as the unit's policy says."""

    expires_in: Duration | None = None
    """How long the credits live; a calendar duration, ISO 8601. Null: for ever; left out: as the unit's policy says."""
    time_zone: Zone = "UTC"
    """The zone whose calendar `expires_in` keeps, of the IANA database."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""

    @model_validator(mode="after")
    def _of_a_duration(self) -> Self:
        """Refuses what is said of a duration that is not there."""
        if self.expires_in is None:
            for name in ("time_zone", "end_of"):
                if name in self.model_fields_set:
                    raise ValueError(f"{name}: send it with expires_in, of which it says more")
        return self

    @property
    def never_expires(self) -> bool:
        """Tells whether it was said that the credits live for ever."""
        return self.expires_in is None and "expires_in" in self.model_fields_set


class MovementBody(Body):
    """What every movement may carry."""

    unit: Identifier = DEFAULT_UNIT
    """The unit: with the account it names the wallet."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: Reason | None = None
    """Why, for people; in the entry for ever."""
    metadata: Metadata = Field(default_factory=dict)
    """Anything else to keep with the entry, and with the lot it makes."""


class UseBody(MovementBody):
    """What a movement may carry that uses credits."""

    member: Identifier | None = None
    """Who of the account uses them: a person, a team, a key of yours."""
    tags: Tags = Field(default_factory=dict)
    """What they are used for, as `{"team": "search"}`: usage can be shown by each."""


class NamedBody(MovementBody):
    """What a movement may carry whose path names an entry, a lot or a hold: its id says the unit."""

    unit: Identifier = None  # type: ignore[assignment]  # the id says it
    """The unit that the id in the path is of; may be left out."""
