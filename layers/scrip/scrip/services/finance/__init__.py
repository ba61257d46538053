"""The books: what the archive has of the ledger, and what is worked out from it.

batches         entries into the archive, as the ledger's stream brings them
books           sums of postings by the month that each is booked in, and lots as of an instant
breakage        what of a month is breakage by proportion
charts          the chart of accounts
closes          months that are closed: what was due is booked, and reports are frozen
editions        the archive's days, made of such batches and proved against the heads of all wallets
export_rows     rows of exports that no query gives
exports         files that somebody takes away, written in the background
frozen_heads    how far each wallet had come in the edition that a close has seen
invoices        credits applied to invoices, and given back
jobs            closes and exports, done by one run at a time
journal_pages   pages of a month's journal
journals        what each entry posts in one currency, month by month
manifests       which objects an edition consists of
periods         which months are closed
promotions      what promotions gave in a month, and what became of it
readings        which books a report is read from
reports         what the books say of a month, or of an instant
settlements     what moved at payment providers, taken from their lists
statement_keys  the public keys that statements were signed with
statements      a wallet's month: counted from its ledger, kept, and signed
stretches       what became of lots of packs, from what was known of them and what came after it
workspaces      SQL over objects of the archive
"""
