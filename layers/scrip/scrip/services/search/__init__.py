"""Entries by what they are about, across accounts. It changes nothing but the index of references.

references  the step of the stream's reader by which entries are found by their reference
overages    what was owed as periods of allowances ended, and is to be billed
reindexing  makes the index of references anew from the ledger
searches    entries of a reference, a payment, an order, an idempotency key or a lot
"""
