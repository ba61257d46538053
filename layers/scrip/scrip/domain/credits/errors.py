"""The error tree. A refusal is known by its class and its stable code, never by its text.

    ScripError
    ├── Refusal                  the request is answered with a problem document; nothing changed
    │   ├── Unauthenticated      unauthenticated           401
    │   ├── Forbidden            forbidden                 403
    │   ├── BodyTooLarge         body_too_large            413
    │   ├── UnsupportedMediaType unsupported_media_type    415
    │   ├── InvalidRequest       invalid_request           400  a field is missing, malformed or out of place
    │   ├── KeyMissing           idempotency_key_missing   400
    │   ├── NotFound             not_found                 404
    │   ├── PrecisionExceeded    precision_exceeded        422
    │   ├── AmountOutOfRange     amount_out_of_range       422
    │   ├── KeyReused            idempotency_key_reused    422
    │   ├── ClockBackwards       clock_backwards           422
    │   ├── WalletClosed         wallet_closed             409
    │   ├── WalletFrozen         wallet_frozen             409
    │   ├── HoldNotOpen          hold_not_open             409
    │   ├── LotNotOpen           lot_not_open              409
    │   ├── AlreadyReversed      already_reversed          409
    │   ├── PromotionExhausted   promotion_exhausted       409
    │   ├── AlreadyClaimed       promotion_already_claimed 409
    │   ├── InsufficientCredits  insufficient_credits      402
    │   ├── PolicyViolation      policy_violation          422
    │   ├── Contended            contended                 409  retry after a moment
    │   ├── Throttled            throttled                 429  retry after a moment
    │   └── Unavailable          unavailable               503  retry after a moment
    │       ├── CatchingUp       the same: so much time has passed that it is booked in several requests
    │       └── ClockSkew        the same, and an alarm
    └── Crowded                  internal: what time has done must be committed first

The order above is the order of precedence: of several refusals that fit, the first is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from scrip.domain.credits.steps import format_amount


class Steps(int):
    """Credit steps among the facts of a refusal."""


class ScripError(Exception):
    """Everything Scrip raises on purpose."""


class Crowded(ScripError):
    """The command does not fit into one transaction beside the entries that time made."""


class Refusal(ScripError):
    """A request that is not carried out. Nothing has changed and nothing is remembered of it.

    Attributes:
        code: the stable name a client may branch on.
        facts: members added to the problem document (amounts as strings).
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused"

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, Any] = facts

    def in_unit(self, unit: str, precision: int) -> None:
        """Says its credit steps as amounts of the unit, now that it is known which."""
        if any(isinstance(fact, Steps) for fact in self.facts.values()):
            told = {
                name: format_amount(fact, precision) if isinstance(fact, Steps) else fact
                for name, fact in self.facts.items()
            }
            self.facts = {**told, "unit": unit}


class InvalidRequest(Refusal):
    """One or more fields are missing, malformed, unknown or contradict each other."""

    code = "invalid_request"
    title = "The request is not valid"

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        detail = "; ".join(f"{field}: {message}" for field, message in errors)
        super().__init__(detail, errors=[{"field": field, "message": message} for field, message in errors])


class KeyMissing(Refusal):
    code = "idempotency_key_missing"
    title = "The Idempotency-Key header is missing"


class Unauthenticated(Refusal):
    code = "unauthenticated"
    title = "The caller is not known"


class Forbidden(Refusal):
    code = "forbidden"
    title = "The key does not allow this"


class BodyTooLarge(Refusal):
    code = "body_too_large"
    title = "The body is too large"


class UnsupportedMediaType(Refusal):
    code = "unsupported_media_type"
    title = "The body must be application/json"


class NotFound(Refusal):
    code = "not_found"
    title = "There is no such thing"


class PrecisionExceeded(Refusal):
    code = "precision_exceeded"
    title = "The amount has more decimals than its unit"


class AmountOutOfRange(Refusal):
    code = "amount_out_of_range"
    title = "The amount is out of range"


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    title = "The Idempotency-Key was used for another request"


class ClockBackwards(Refusal):
    code = "clock_backwards"
    title = "The wallet's time does not run backwards"


class WalletClosed(Refusal):
    code = "wallet_closed"
    title = "The wallet is closed"


class WalletFrozen(Refusal):
    code = "wallet_frozen"
    title = "The wallet is frozen"


class HoldNotOpen(Refusal):
    """The hold was captured, released or timed out; ``status`` says which."""

    code = "hold_not_open"
    title = "The hold is not open"


class LotNotOpen(Refusal):
    code = "lot_not_open"
    title = "Nothing is left of the lot"


class AlreadyReversed(Refusal):
    code = "already_reversed"
    title = "All of the burn was reversed"


class PromotionExhausted(Refusal):
    code = "promotion_exhausted"
    title = "The promotion has nothing left to give"


class AlreadyClaimed(Refusal):
    code = "promotion_already_claimed"
    title = "The promotion was claimed already"


class PolicyViolation(Refusal):
    """A rule of the unit, or a limit of Scrip, does not allow it; ``policy`` names the rule."""

    code = "policy_violation"
    title = "A policy does not allow this"

    def __init__(self, detail: str, policy: str, **facts: Any) -> None:
        super().__init__(detail, policy=policy, **facts)


class InsufficientCredits(Refusal):
    """The wallet has less than is needed. Amounts are credit steps.

    Args:
        available: what could be spent for this.
        out_of_scope: what is there besides, but may not pay for it.
        withheld: what is there besides, but the unit's policy keeps promotional credits to a share.
    """

    code = "insufficient_credits"
    title = "There are not enough credits"

    def __init__(self, required: int, available: int, out_of_scope: int = 0, withheld: int = 0) -> None:
        besides = {"out_of_scope": out_of_scope, "withheld": withheld}
        super().__init__(
            "the wallet has fewer credits available than required",
            required=Steps(required),
            available=Steps(available),
            **{name: Steps(steps) for name, steps in besides.items() if steps},
        )


class Contended(Refusal):
    code = "contended"
    title = "Too many writers at once"


class Throttled(Refusal):
    code = "throttled"
    title = "Too many requests"


class Unavailable(Refusal):
    code = "unavailable"
    title = "Temporarily unavailable"


class CatchingUp(Unavailable):
    """Time has done more to a wallet than one request books, or looks at: the next one goes on where this one ended."""


class ClockSkew(Unavailable):
    """A wallet is so far ahead of this machine's clock that a clock must be broken: somebody has to look."""
