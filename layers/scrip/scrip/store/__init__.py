"""DynamoDB: the only package that knows an attribute's name or a botocore error.

    keys      the layout of the wallets, the ledger and the keys table
    items     wallets, pages, due items, blocks and entries as items, and back
    parser    attributes' values in answers, read at once
    tables    the client, and its errors as refusals
    wallets   reading a wallet and whatever else of it a decision needs
    candidates  wallets whose run-out is to be forecast
    commit    one decision, one transaction
    ledger    entries by id and by time
    rows      all rows of a wallet's ledger as they are stored, read for verification
    lists     lists of what there is, and the items that they are made of
    documents everything outside the wallets: units, packs, top-ups, payments
    api_keys  API keys, in a table of their own
    crossings   which entries took available credits below a threshold, or above it
    letters   letters that were sent, in the table of notifications
    deliveries  webhooks' raw bodies, in a table of their own
    rejections  events of usage that were rejected, in the table of notifications
    notifications  webhook endpoints and what is on its way to them, in a table of their own
    kept_events    events that follow from no entry, so that they can be told again
    audit     who changed what, each change put once
    payments  lists of payments, from an index
    promotions  what was redeemed, and by whom: counts and claims under conditions
    stream    records of the ledger's stream: rows that were added, changed or deleted
    shards    the shards of that stream, and what they have behind a mark
    marks     how far the reader of that stream has read, and what follows from it
    references  entries by their reference
    settlements  what moved payment providers' balances, each recorded once
    notices   notices that lots are to end, and to whom each was delivered
    statements  what wallets had as months ended, and signatures of it
    rollups   sums of what a wallet used, by hour
    due       the index that lists wallets for the sweep
    partition a wallet's partition as it is stored, read for verification
    heads     how far every wallet has come, by a scan of the wallets table
    archive   objects of the archive, in a bucket
    scan      parallel scans of the whole wallets table and ledger table, for verification

The wallet's version guards everything in its partition (decision 0002); every document outside it
carries ``rev`` and is written only on the ``rev`` that was read. A promotion's counts and claims carry none: their
writes have conditions of their own. Ledger rows are put once and never changed, and raw
deliveries but for being erased.
"""
