"""What credits are and what may happen to them. Pure: standard library only.

    credits       amounts, units, lots, entries, errors: what every topic needs
    accounts      whom accounts are of
    wallets       one wallet, and every decision that changes it
    usage         what was used of them, summed by hour
    payments      what payments are and come to
    events        what somebody may want to hear of
    notifications  where it is sent, and how often it is tried
    finance       what entries do to the books
    verification  whether a wallet, its lots and its entries agree

The clock, ids and policy come in as arguments; nothing here knows DynamoDB, HTTP or a payment provider. docs/laws.md
has the ten laws that the modules cite.
"""
