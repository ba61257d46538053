"""What callers, providers and schedules ask for: load, decide, commit, and try again for a bounded while.

    engine        the one way to read and to change a wallet
    wallets       everything that moves credits, and what there is
    usage         what was used, at any rate: many records in one entry
    accounts      whom accounts are of, and how that is erased
    audit         who changed what that is no wallet
    catalogue     units, packs, rates, promotions, API keys
    payments      orders, payments and refunds
    finance       the books, as they are asked for
    verification  the ledger against itself, against wallets and against payments
    finance       the books as they are kept
    outbox        the reader of all that the ledger's stream adds, and how far it has read
    search        entries by what they are about, across accounts
    events        events onto the bus
    notifications  of what somebody wants to hear, and how it reaches them

A decision is pure and made on what was read; only a commit makes it true. ``wallets`` and ``engine`` know no other
service.
"""
