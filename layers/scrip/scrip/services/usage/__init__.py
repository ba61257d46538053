"""What was used, at any rate: many records in one entry. Knows the engine, and prices of ``services.wallets``.

budgets         what may be spent in a period: put, read, listed
burn_pages      pages of burns, each record once for ever by its stream and offset
events          events of usage, booked: each once for ever by its source and id, many in one commit
leases          what a lease's holder has spent is settled
pages           what pages and settlements have in common: their records priced, booked and answered
records         records as they are read
rollups         sums of what a wallet used, fed from its ledger
totals          what a wallet used, period by period
forecasts       when credits run out, and what lots will have left at their ends
rejections      events of usage that were rejected: kept, listed, brought back or dismissed
usage_queue     events of usage on their way, in messages
"""
