"""Refusals that go together."""

from typing import Final

READ: Final = ("not_found", "clock_backwards", "contended")
"""Of what reads a wallet as it is now."""
WRITE: Final = (*READ, "wallet_closed")
"""Of what writes a wallet."""
AMOUNT: Final = ("precision_exceeded", "amount_out_of_range")
"""Of what takes an amount."""
LEAVES: Final = ("wallet_frozen", "insufficient_credits", "policy_violation")
"""Of what takes credits out of what is available."""
SPENDS: Final = (*LEAVES, "budget_exceeded")
"""Of what spends credits, or sets them aside to be spent."""
LOCKED: Final = ("quote_expired", "quote_mismatch")
"""Of what may be priced as a quote says."""
