"""The books: what the archive has of the ledger, and what is worked out from it.

batches     entries into the archive, as the ledger's stream brings them
books       sums of postings by the month that each is booked in, and lots as of an instant
charts      the chart of accounts
charts  the chart of accounts
editions    the archive's days, made of such batches and proved against the heads of all wallets
invoices    credits applied to invoices, and given back
invoices  credits applied to invoices, and given back
manifests   which objects an edition consists of
reports     what the books say of a month, or of an instant
statement_keys  the public keys that statements were signed with
statements      a wallet's month: counted from its ledger, kept, and signed
settlements what moved at payment providers, taken from their lists
workspaces  SQL over objects of the archive
"""
