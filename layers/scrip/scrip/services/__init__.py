"""The imperative shell: load, decide, commit, and try again for a bounded while.

    executor     the one way to change a wallet
    moving     grants and burns
    reading    balances, lots, entries; never changes anything
    intake     webhooks: what they say, kept and passed on
    buying     top-ups, and what payments' facts become
    sweeping   books what time has done
    catalogue  units, packs
    access     API keys
    verifying  the ledger against itself and against the wallet
    tallying   payments against positions
    surveying  all of it, through both tables; nightly: once a day

Law of the room: a decision is pure and made on what was read; only a commit makes it true.
"""
