"""What a person decides of a payment: the body and the answer."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from scrip.domain.payments.payment import Resolution, ResolutionAction, ResolutionStatus
from scrip.http.edge.bodies import MAX_MONEY, Amount, Body, Label, Reason
from scrip.http.edge.mistakes import matching
from scrip.http.payments.payments import EffectView, PaymentView, effect_view, payment_view
from scrip.services.payments.posting import Applied
from scrip.services.payments.queries import PaymentDetails

ABOUT_PATTERN = r"^(refund|dispute):[A-Za-z0-9_.:-]{1,150}$"


class ResolutionBody(Body):
    """What a person decides of a payment that waits."""

    action: ResolutionAction
    """What is decided."""
    topup_id: Label | None = None
    """Of `accept`: the order that it pays."""
    about: Annotated[str, matching(ABOUT_PATTERN, "must be refund: or dispute: and its id")] | None = None
    """Of `state` and `settle`: which refund or dispute, as `refund:` or `dispute:` and its id."""
    amount: Annotated[int, Field(ge=0, le=MAX_MONEY)] | None = None
    """Of `state`: its amount, minor units of the payment's currency, tax included."""
    status: ResolutionStatus | None = None
    """Of `settle`: how it ended, `won` or `lost` of a dispute, `succeeded` or `failed` of a refund."""
    credits: Amount | None = None
    """Of `accept`: how much of the order's credits it gives; left out: in proportion to what was paid of its price,
    without tax. What was paid is their cost basis."""
    reason: Reason
    """Why, for people; kept with the payment."""

    needs: ClassVar[dict[str, tuple[str, ...]]] = {
        "accept": ("topup_id",),
        "dismiss": (),
        "state": ("about", "amount"),
        "settle": ("about", "status"),
    }
    """What each action is told beside its reason; nothing else."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.credits is not None and self.action != "accept":
            raise ValueError(f"credits: leave it out of {self.action}")
        for name in ("topup_id", "about", "amount", "status"):
            given, needed = getattr(self, name) is not None, name in self.needs[self.action]
            if given != needed:
                raise ValueError(f"{name}: {'send it with' if needed else 'leave it out of'} {self.action}")
        return self

    def resolution(self, actor: str, actor_name: str | None, at: int) -> Resolution:
        """Returns what is decided, as this actor's at this instant (epoch milliseconds)."""
        return Resolution(
            action=self.action,
            topup_id=self.topup_id,
            about=self.about,
            amount=self.amount,
            status=self.status,
            credits=self.credits,
            reason=self.reason,
            actor=actor,
            actor_name=actor_name,
            at=at,
        )


class ResolvedView(EffectView):
    """The payment, and what the decision did to the wallet."""

    payment: PaymentView
    """The payment as it is now."""


def resolved_view(applied: Applied, shown: PaymentDetails) -> ResolvedView:
    """Shows the payment as it is decided, and what the decision did to the wallet, if it moved credits."""
    return {"payment": payment_view(shown), **effect_view(applied.last, shown.unit)}
