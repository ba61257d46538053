"""Scrip in one process, from one seed: many clients, many wallets, a clock that is only a number, and a DynamoDB in
memory that fails in every way the real one does. The operations and the store are the real ones.

    expressions, tables, dynamodb   the model of DynamoDB
    wire                            what goes wrong between a client and DynamoDB
    hands                           clients that take turns at every call
    clock                           time, and all else that Scrip takes from its machine
    requests, market                what clients ask for; orders, payments and their webhooks
    lists                           what lists have, held against what there is
    books                           every wallet as its entries tell it: the laws after every commit
    prices, order, plans            what is paid for what, out of which lots; what allowances grant and carry on
    paces                           how fast wallets spend: whoever runs away is told of, and nobody else
    budgets                         what may be spent in a period, put by steps and counted anew
    cards                           an account's own prices, put by steps, and what it used of a meter in a day
    invoices                        what credits paid of invoices, and that a void gives all of it back
    senders, holders                who sends pages of burns, and who holds leases
    reporters                       who reports events of usage, and who books them
    told, records                   what they were told of each offset, and what became of it
    stream, outbox                  the ledger's stream, and the reader of it
    bucket                          S3 in memory
    archivist                       who is at the archive, and how often
    archive, editions, months       the archive's reader, the editions made of it, and the months closed with them
    attic                           wallets that a run has forgotten, as far as the archive needs them
    bus, listener                   the bus onto which it publishes, and whoever listens there
    crossings                       what becomes of available credits, and whether it is told
    answers, looking                what clients are told and what they read, held against the books
    world                           a run: steps in, a report or a broken law out
    shrinking                       a broken run made short

A run is a list of steps, and a step is a number: all chance within it comes from that number alone, so that steps can
be left out and those that remain do the same. See docs/simulation.md. Never deployed.
"""
