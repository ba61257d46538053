"""Paddle Billing.

money      how its API counts money
webhook    its webhooks, as facts
"""

from typing import Final

PRODUCT: Final = "Its price at Paddle, for your own checkout."
"""What the member of this provider in a pack's ``provider_refs`` is, for the document of the HTTP API."""
