"""What callers ask of wallets. Knows no other service but the engine.

accounts        accounts, and the wallets of one, as they are listed
allowances      credits that come again and again
balances        balances
batches         many burns of one wallet in few commits
burns           credits spent at once, by amount or by meter
compensations   one incident, many accounts
corrections     voids, reversals, adjustments
credit_refunds  money that is kept becomes credit
entries         entries, as they are listed
expiry_changes  another end for a lot
explanations    why a balance is what it is
extensions      after an outage the lots of many accounts end later
grants          new lots, and their terms
holds           credits set aside, then spent or given back
locks           prices that a quote has locked
lots            lots as they are listed, page by page
own_rates       an account's own rate cards, put, ended, read
pricing         what usage costs in a wallet, with the fractions that its meters carry
quotes          what a burn, a hold or a capture would do
redemptions     promotions, redeemed
sidecar_lists   holds and allowances, as they are listed
sources         sources of refunds as credit, as they are stored
status          a wallet is frozen, unfrozen or closed
sweep           what time has done to wallets that nobody touched
transfers       credits that move to another account
"""
