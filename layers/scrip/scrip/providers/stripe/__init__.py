"""Stripe.

client     its API, through its official SDK
objects    what its objects say of money, in webhooks and answers alike
reversals  refunds and disputes
webhook    its webhooks, as facts
"""
