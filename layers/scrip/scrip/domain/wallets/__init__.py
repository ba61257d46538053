"""One wallet: what it is, and every decision that changes it. Pure.

agenda          what time will do to a draft, by instant
allowances      credits that come again and again
announcements   which notices of ends are due, and that one was delivered
breakers        a wallet that spends too fast is told of, and frozen
budget_captures what a capture counts of budgets
budget_counters what is spent of budgets, exactly
budget_reversals what a reversal takes off those counters
budget_shares   what budgets leave to a burn that takes what there is
budgets         how much may be spent in each period
burn_pages      many burns in one entry
burns           credits spent
captures        credits of a hold spent
carries         fractions of a step that meters carry
corrections     voids, reversals, debits
counters        how much of a meter was used in a period of its rate card
credit_refunds  money that is kept becomes credit: how much of a source
draft           a working copy of a wallet: lots change, entries are recorded, the totals follow
draws           which lots pay, and what paying does to them
due             what time has done to a wallet
expiry          what a lot's end does: rollover, then expiry
expiry_changes  another end for a lot, or for all of a wallet
funds           what became of the money of a wallet's credits
funds_codec     those sums as packed bytes
grants          new lots
holds           credits set aside, then given back or captured
layout          where a wallet's lots lie
leases          holds that are spent in memory and settled
lot_lists       lots as a list shows them, page by page
sidecar_lists   holds and allowances as lists show them
lot_pages       window and pages kept within their sizes
lot_terms       the terms that a wallet's lots have, by code
notes           what is kept of a lot beside its numbers
notices         when notices of ends are due, and ends that nobody was told of
overages        what becomes of what is owed as a period of an allowance ends
own_rates       an account's own rate cards
pace            what a wallet spends within a while
position        where a payment stands in a wallet
record_reversals one of the records of an entry undone
record_sums     what the records of one entry come to
repayments      which debts a lot repays, and to whom it goes back when they are undone
shares          which lots pay for several items in one entry
status          active, frozen or closed
streams         which offset of a stream comes next
transfers       lots that move to another account
wallet          a wallet as it was read, and what else of it was read
"""
