"""Stand-ins for payment providers on this machine, so that buying works without an account at any.

Each answers the part of its provider's API that Scrip calls, shows a checkout page, and sends the signed webhooks that
what happens there would cause. Bodies have the provider's own shape (the tests hold them against the models of its
SDK); signatures are made here and not with Scrip's own code, so that both sides cannot be wrong in the same way. State
is in memory. Standard library only.

    serving                        what they share: HTTP in, webhooks out
    pages                          the checkout page
    dodo, dodo_shapes, …           Dodo Payments, its bodies, and its balances
    paddle, paddle_shapes          Paddle Billing, whose API an app calls by itself, and its bodies
    stripe, stripe_shapes, …       Stripe, its bodies, requests, balance, subscriptions, and how it counts money
"""
