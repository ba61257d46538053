"""Paddle Billing.

webhook    its webhooks, as facts
"""
