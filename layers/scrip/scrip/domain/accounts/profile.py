"""A customer's profile: who somebody is, and how they are written to.

Owns what its members may be, as far as no other module does: addresses and languages. Does not own which mailbox an
address is of (``domain.payments.mailbox``), nor what is a name (``names``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from scrip.domain.payments.mailbox import NO_ADDRESS, canonical_email

LONGEST_NAME: Final = 200
LONGEST_EMAIL: Final = 254
LONGEST_LOCALE: Final = 64
EMAIL_PATTERN: Final = r"^\S+@\S+$"
"""What every address looks like; which are none says ``check_email``. Letters may be of any script (RFC 6531)."""
_OF_ADDRESSES: Final = re.compile(r"[()\s\x00-\x1f\x7f-\x9f]")
"""What RFC 5322 allows around an address, and nobody has in one that is written to: comments and spaces."""
LOCALE_PATTERN: Final = (
    r"^([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?$"
)
"""A well-formed language tag: ``langtag`` of RFC 5646 (BCP 47), section 2.1."""
NO_LOCALE: Final = "must be a language tag of BCP 47, such as de-AT"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a customer. Members that are None are not known; what is here is personal data."""

    name: str | None = None
    email: str | None = None
    country: str | None = None
    time_zone: str | None = None
    locale: str | None = None
    currency: str | None = None

    @property
    def members(self) -> list[str]:
        """Returns the names of the members that are known, and nothing of what they are."""
        return list(self.to_json())

    @property
    def mailbox(self) -> str | None:
        """Returns the mailbox that its address is of, in one spelling; None: there is no address."""
        return None if self.email is None else canonical_email(self.email)

    def to_json(self) -> dict[str, str]:
        """Returns plain JSON values; what is not known is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``TypeError`` where a member is not known."""
        return cls(**body)


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """What is stored of an account's profile: what it is, or that it was erased.

    Attributes:
        profile: None where there is none.
        updated_at: when it was changed last, or erased; epoch milliseconds.
        after: after which of the account's payments an erasure has to go on that is not done; empty: with the first.
            None: there is none such.
    """

    profile: Profile | None = None
    updated_at: int = 0
    after: str | None = None

    @property
    def erased(self) -> bool:
        """Tells whether there was a profile, and is none any more."""
        return self.profile is None and bool(self.updated_at)

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; what there is not is left out."""
        told: dict[str, Any] = {"updated_at": self.updated_at}
        if self.profile is not None:
            told["profile"] = self.profile.to_json()
        if self.after is not None:
            told["after"] = self.after
        return told

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote; an empty document is that of an account that never had a profile."""
        profile = Profile.from_json(body["profile"]) if "profile" in body else None
        return cls(profile, body.get("updated_at", 0), body.get("after"))


def check_email(text: str) -> str:
    """Returns the text if it is the address of one mailbox, written plainly: no name, comment or space beside it.

    Raises:
        ValueError: it is not.
    """
    unseen = any(unicodedata.category(one) == "Cf" for one in text)
    if len(text) > LONGEST_EMAIL or unseen or _OF_ADDRESSES.search(text):
        raise ValueError(NO_ADDRESS)
    canonical_email(text)
    return text
