"""Redemptions of promotions: the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from scrip.domain.payments.mailbox import canonical_email
from scrip.http.edge.bodies import Body, Identifier, Label, MovementBody
from scrip.services.wallets.redemptions import Redemption

Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(canonical_email)]


class IdentitiesBody(Body):
    """Who redeems. Kept as keyed hashes alone."""

    email: Email | None = None
    """An e-mail address. Spellings that reach the same mailbox are one."""
    card_fingerprint: Label | None = None
    """The payment provider's fingerprint of a card."""
    device: Label | None = None
    """An id of the device."""

    def by_kind(self) -> Mapping[str, str]:
        """Returns the identities that were given."""
        return {kind: value for kind, value in self.model_dump().items() if value is not None}


class RedemptionBody(MovementBody):
    """A promotion to redeem, and who redeems it. The unit is the promotion's."""

    unit: Identifier | None = None  # type: ignore[assignment]  # the promotion says it
    """The promotion's unit; may be left out."""
    code: Identifier
    """The promotion's code."""
    identities: IdentitiesBody = Field(default_factory=IdentitiesBody)
    """Who redeems, as far as the promotion asks. Kept as keyed hashes alone."""

    def redemption(self) -> Redemption:
        """Returns what is redeemed, and by whom."""
        return Redemption(self.code, self.identities.by_kind(), self.unit)
