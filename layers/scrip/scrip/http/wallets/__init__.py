"""Bodies and answers of what happens to a wallet's credits.

accounts        accounts and their wallets, as lists have them
allowances      allowances: body and answer
balances        balances, now and right after an entry
batches         many burns in one request
burns           burns: body and answer
compensations   one incident, many accounts
corrections     voids, reversals, adjustments
credit_refunds  money that is kept as credit
entries         ledger entries and their draws
entry_queries   which entries a list is asked for
expiry_changes  another end for a lot: body and answer
explanations    why a balance is what it is
extensions      ends of many accounts that are moved after an outage
grants          the body of a grant, and the terms of a lot
holds           holds: bodies and answer
lots            lots
movements       the answer to whatever moves credits
own_rates       an account's own rate cards: body and answer
quotes          what a burn, a hold or a capture would do: body and answer
redemptions     promotions, as customers redeem them
status          why a wallet is frozen, unfrozen or closed
transfers       transfers: body and answer
usage           usage by meter, in bodies and answers
"""
