"""Dodo Payments.

balance    what moved its balances, and its fees
client     its API, through its official SDK
money      which currencies it charges in, and how its API counts them
webhook    its webhooks, as facts
"""

from typing import Final

PRODUCT: Final = "Its product at Dodo Payments; null: the pack's id."
"""What the member of this provider in a pack's ``provider_refs`` is, for the document of the HTTP API."""
ON_DEMAND: Final = (
    "Its subscription product at Dodo Payments, in the pack's currency, under which what a buyer pays with is kept "
    "(`save_payment_method`); null: it is kept under none."
)
"""The same of ``dodo_on_demand``: without such a product nothing can be charged here while the buyer is away."""
