"""Dodo Payments.

client     its API, through its official SDK
webhook    its webhooks, as facts
"""
