"""Bodies and answers of the books.

charts              the chart of accounts
exports             files that somebody takes away
invoices            credits applied to invoices, and given back
periods             closes of months
printed_statements  a statement as a page for people
statements          a statement, and the public keys that it is checked with
"""
