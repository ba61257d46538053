"""PostgreSQL as one would use it instead: ledgers in a database, measured in the same run.

    cluster     a server of its own from Debian's packages, in a folder that is removed; its processor time, its bytes
    lots        wallets with lots and a ledger, written by hand: statements, one call, 90 and 500 in a transaction
    transfers   pgledger's accounts, transfers and entries, rebuilt from its published description
    race        writers of one wallet and of 64: what is measured, and what a managed database would come to
    comparison  Scrip's figures beside theirs, and where Scrip loses

Where PostgreSQL cannot be had, the part says so: *not measured*.
"""
