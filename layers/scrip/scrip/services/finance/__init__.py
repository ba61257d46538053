"""The books: what the archive has of the ledger, and what is worked out from it.

batches     entries into the archive, as the ledger's stream brings them
charts      the chart of accounts
editions    the archive's days, made of such batches and proved against the heads of all wallets
invoices    credits applied to invoices, and given back
manifests   which objects an edition consists of
workspaces  SQL over objects of the archive
"""
