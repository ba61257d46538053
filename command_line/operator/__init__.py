"""What an operator does with AWS credentials of their own, on tables and queues themselves.

Modules

    keys            the first API key
    verification    one wallet, or all of them
    reconciliation  what a provider lists
    units           lists the units
    index           makes the index of references anew
    usage           makes the sums of what a wallet used anew
    events          tells again what the bus has missed
    deliveries      what providers sent, and payments that could not be applied
    statements      what the files of statements prove
    mistakes        what is wrong outside of Scrip, in a sentence
"""
