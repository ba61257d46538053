"""What every topic needs of credits. Pure.

amounts      decimal texts as credit steps
calendar     durations, periods and time zones
currencies   minor units of currencies
debts        what is owed, what it was for, and who repaid it
duplicates   members that come twice in a JSON object
entries      ledger rows: causes, draws, totals, hashes
errors       every refusal by name
ids          ids of entries, lots and holds
lifetimes    how long credits live
limits       every limit, with its reason
lot_codec    lots as packed bytes
lots         lots, and the orders in which they are taken
members      members of types that are stored, and how one is added
numbers      whole numbers as packed bytes
rate_cards   the versions of a meter's price, and which are kept
rates        prices, and what a quantity costs
records      single uses that one entry books together
steps        credit steps as decimal texts
terms        the terms of lots: scope and rollover
units        units and their policies
usage        so much of a meter, and quantities that are counted together
signed_texts  texts that leave and come back, signed
usage_events  events of usage: their keys, and how late they may come
"""
