"""Verification: the stored records against the laws. It reports and repairs nothing.

It owns the reading of what is stored and the passes over the tables. The comparisons themselves are pure and are in
``domain.verification``.

    wallets    one wallet against its entries, its timeline, its payments and its transfers
    payments   payments against their facts, their orders and the lots that they granted (law 9)
    transfers  the two sides of each transfer (laws 1 and 7)
    invoices   what invoices say against the entries that paid them
    usage      what is kept of a wallet's usage against its entries
    survey     a pass over the wallets table and the ledger table, in parts, which can be interrupted and resumed
    daily      one such pass a day, in as many runs as it takes
    integrity  rows of the ledger that were changed or deleted outside Scrip (law 4)
"""
