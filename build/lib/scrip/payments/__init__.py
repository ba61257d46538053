"""Payments: what providers say, turned into facts, and facts turned into a position.

The law of this room (docs/laws: 8, 9, 10)
    Payments are facts, not deltas. A webhook says what is true of a payment, never what to add or take
    away. Facts of one payment merge into one state, whatever their order and however often they come; the
    position (granted, clawed, frozen, refunded) is computed from that state, and only the difference to
    what is already posted goes to the ledger.

What is here
    ``facts``       the provider-neutral facts and how they merge into the state of one payment. Pure.
    ``position``    what that state calls for: granted, clawed, frozen, refunded. Pure.
    ``signatures``  is this webhook really the provider's? On the raw bytes, with the clock passed in.
    ``reading``     a provider's JSON, read tolerantly. Pure.
    ``adapters``    providers' webhook bodies, translated into facts, one module to a provider. Pure, and they never
                    raise.
    ``clients``     providers' APIs, one module each, through their own SDKs.

What is not
    No storage, no HTTP edge, no wallet: this package imports nothing from ``scrip.store``, ``scrip.api`` or
    ``scrip.domain``. It never decides how many credits a payment is worth: the face comes from our own
    order, never from a provider's body or its metadata. It never posts. And nothing but ``clients`` talks
    to a provider; an SDK costs a quarter of a second and 35 MiB to import, so only a call does, and only
    in the functions that sell or ask.
"""
