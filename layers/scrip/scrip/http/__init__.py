"""The HTTP edge: what may come in, and what an answer looks like.

    edge       what every route has in common
    wallets    balances, entries, lots, and everything that moves credits
    usage      pages of burns, settlements of leases
    accounts   whom accounts are of
    catalogue  units, packs, rates, promotions, API keys
    payments   orders, payments, refunds, resolutions, reports
    finance    the books
    search     entries by what they are about
    events     what events say
    audit      who changed what
    notifications  of what somebody wants to hear

No rule about credits is written here, and no attribute name of a table.
"""
