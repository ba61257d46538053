"""Redemptions of promotions: the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from scrip.domain.payments.identities import canonical_email
from scrip.http.edge.bodies import Body, Identifier, Label, MovementBody

Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(canonical_email)]


class IdentitiesBody(Body):
    """Who redeems. Kept as keyed hashes alone."""

    email: Email | None = None
    card_fingerprint: Label | None = None
    device: Label | None = None

    def by_kind(self) -> Mapping[str, str]:
        return {kind: value for kind, value in self.model_dump().items() if value is not None}


class RedemptionBody(MovementBody):
    """``POST /v1/accounts/{account}/redemptions``. The unit is the promotion's."""

    unit: Identifier | None = None  # type: ignore[assignment]  # the promotion says it
    code: Identifier
    identities: IdentitiesBody = Field(default_factory=IdentitiesBody)
