"""The checks of what is stored, as pure functions: what a wallet, its lots and its entries must agree on.

It owns the comparison. It reads no table: the services, the simulator and the tests bring the records.

    discrepancies  one thing that is not as it must be
    replay         the lots of a wallet, derived from its entries alone
    checks         wallet, lots and entries against each other (laws 1, 2, 4 and 8)
    record_checks  the records of entries, the offsets of streams, leases, and what was reversed
    posting_checks  the books that follow from the entries against the lots (law 8)
    invoice_checks  what an invoice says against the entries that paid it
    pace_checks    what a wallet keeps of its pace, and whether each runaway was told of
    price_checks   what prices go by: what was used in each period, and an account's own cards
    budget_checks  what is kept of budgets, and of what was spent
    due_checks     the instants of a wallet against its due items (law 5)
    drift          how far a ledger and a wallet of different instants are apart
"""
