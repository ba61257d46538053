"""The books that follow from the ledger: what each entry says of money, as double-entry postings.

accounts             the accounts of the books, by their keys
archive              what the archive keeps of one entry
archived_settlements  what the archive keeps of one movement of a provider's balance
breakage             what of a lot's money is earned since nobody is expected to spend it
charts               what a company calls them
closes               what the close of a month has frozen, and its hash
exports              what is written into files that somebody takes away
focus                rows of FOCUS 1.2, in which credits are a virtual currency
formats              the journal as files that other programs read
gifts                what an entry does to credits that were given away
invoices             what credits pay of an invoice's lines
journal              what an entry posts in one currency, as the books show it
periods              months of the books, and which of them an entry is booked in
postings             one entry as balanced lines of one currency
settlement           what moved at a payment provider
settlement_postings  a settlement as balanced lines
statement_checks     what a statement's own members prove
statements           what a wallet had and did in a month, and what of it is signed
"""
