"""Dodo Payments.

client     its API, through its official SDK
money      which currencies it charges in, and how its API counts them
webhook    its webhooks, as facts
"""

from typing import Final

PRODUCT: Final = "Its product at Dodo Payments; null: the pack's id."
"""What the member of this provider in a pack's ``provider_refs`` is, for the document of the HTTP API."""
