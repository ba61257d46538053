"""What somebody may want to hear of: events, and the facts that they tell.

    lots   what is told of lots, and the notice that tells it
    run_outs  when credits are forecast to run out
    event  an event: its id, and how it is written as a CloudEvent
    balances  what becomes of available credits: they fall to a threshold, rise above it, or are gone
    budgets  what is told of budgets: a percentage of one was passed, or all of it is spent
    orders  what becomes of orders and payments
    alerts  of what a wallet's owner wants to hear, and since when
    auto_topups  what automatic top-ups have to tell

Facts follow from entries, lots and orders; how a fact is shown is ``scrip.http.events``'.
"""
