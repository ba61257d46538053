"""Stripe.

balance   what moved its balance, and its fees
client    its API, through its official SDK
invoices  what a period of a subscription brought in, and what else an invoice was for
money     which currencies it charges in, and how its API counts them
objects   what its objects say of money, in webhooks and answers alike
refunds   refunds, credit notes and disputes
subscriptions  its subscriptions, and renewals that failed
webhook   its webhooks, as facts
"""

from typing import Final

PRODUCT: Final = "Its product at Stripe; null: one that is made for each session, named by its credits."
"""What the member of this provider in a pack's ``provider_refs`` is, for the document of the HTTP API."""
