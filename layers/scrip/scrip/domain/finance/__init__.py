"""The books that follow from the ledger: what each entry says of money, as double-entry postings.

accounts  the names of the books' accounts
postings  one entry as balanced lines of one currency
"""
