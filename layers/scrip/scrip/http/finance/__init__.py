"""Bodies and answers of the books.

charts              the chart of accounts
exports             files that somebody takes away
invoices            credits applied to invoices, and given back
journals            what entries post, as pages and as files
periods             closes of months
printed_statements  a statement as a page for people
reports             what the books say of a month
statements          a statement, and the public keys that it is checked with
"""
