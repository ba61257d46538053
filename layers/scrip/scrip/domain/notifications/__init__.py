"""Webhooks that go out: who is told, where, and how often it is tried.

    addresses  which URLs may be called, and which addresses behind them
    dispatch   one event on its way to one endpoint: its attempts, and when the next one is due
    endpoint   an endpoint: what it wants to hear of, and its secrets
    outgoing   an event as it goes out, in the bytes that are signed

What providers send us are deliveries (``domain.payments.delivery``).
"""
