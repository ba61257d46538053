"""Bodies of what people and apps do about payments."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from scrip import runtime
from scrip.http.edge import parameters
from scrip.http.edge.bodies import MAX_MONEY, Body, Duration, Label, Reason
from scrip.http.edge.request import Request
from scrip.services.payments import queries
from scrip.services.payments.payment import Payment
from scrip.services.payments.refunds import Wish
from scrip.services.payments.resolutions import Ending

ABOUT_PATTERN = r"^(refund|dispute):[A-Za-z0-9_.:-]{1,150}$"
MinorUnits = Annotated[int, Field(ge=1, le=MAX_MONEY)]


def payment_of(request: Request) -> Payment:
    """The payment in the path, if the caller may see it: a key of one account sees those of this account, and what is
    nobody's yet is an admin's.

    Raises:
        NotFound, Forbidden.
    """
    with request.hiding():
        payment_id = parameters.opaque(request.path, "payment_id")
        found = queries.get(runtime.tables(), request.path.get("provider", ""), payment_id)
    request.allow_account(found.account or "")
    if found.account is None:
        request.allow("admin")
    return found


class PaymentRefundBody(Body):
    """``POST /v1/payments/{provider}/{payment_id}/refunds``."""

    as_: Annotated[Literal["money", "credit"], Field(alias="as")]
    amount: MinorUnits | None = None
    reason: Reason | None = None
    force: bool = False
    expires_in: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, members: Any) -> Any:
        # pydantic lets a member's name in Python pass beside its alias.
        if isinstance(members, dict) and "as_" in members:
            raise ValueError("as_: is not a member; it is called as")
        return members

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.force and self.as_ == "credit":
            raise ValueError("force: only of money; what was spent does not come back as credit")
        if self.force and self.reason is None:
            raise ValueError("reason: what is forced must say why")
        if self.expires_in is not None and self.as_ == "money":
            raise ValueError("expires_in: only of credit")
        return self

    def wish(self) -> Wish:
        return Wish(self.as_, self.amount, self.reason, self.force, self.expires_in)


class ResolutionBody(Body):
    """``POST /v1/payments/{provider}/{payment_id}/resolutions``."""

    action: Literal["accept", "dismiss", "state", "settle"]
    topup_id: Label | None = None
    about: Annotated[str, StringConstraints(pattern=ABOUT_PATTERN)] | None = None
    amount: Annotated[int, Field(ge=0, le=MAX_MONEY)] | None = None
    status: Ending | None = None
    reason: Reason

    needs: ClassVar[dict[str, tuple[str, ...]]] = {
        "accept": ("topup_id",),
        "dismiss": (),
        "state": ("about", "amount"),
        "settle": ("about", "status"),
    }
    """What each action is told beside its reason; nothing else."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in ("topup_id", "about", "amount", "status"):
            given, needed = getattr(self, name) is not None, name in self.needs[self.action]
            if given != needed:
                raise ValueError(f"{name}: {'is needed' if needed else 'is none'} of {self.action}")
        return self

    def said(self) -> dict[str, Any]:
        """As it is recorded."""
        return {"action": self.action, **{name: getattr(self, name) for name in self.needs[self.action]}}
