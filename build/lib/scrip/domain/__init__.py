"""The pure core: what credits are and what may happen to them.

Law of the room: standard library only; the clock, ids and policy come in as arguments; nothing here
knows DynamoDB, HTTP or a payment provider. See docs/laws.md for the ten laws the rooms' modules cite.

    amounts   decimal strings at the edge, integer credit steps inside
    lots      one lot, its money, and the one order in which lots are taken
    packing   a lot as bytes, so that a window of sixteen fits in a wallet item
    entries   one ledger row, its canonical JSON and the hash chain
    wallet    a wallet as it was read: totals, window, what else of it is in hand
    places    where lots lie: window, pages, due items, rest
    book      a working copy: lots change, entries are recorded, totals follow
    settle    what time has done
    decide    what a caller asked for
    position  where a payment stands, and the difference to where it should
    units     a unit, its precision and its policy
    limits    every bound, with its reason
    errors    refusals by name
"""
