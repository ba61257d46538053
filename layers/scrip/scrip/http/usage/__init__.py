"""What was used, at any rate: bodies and answers.

budgets         budgets: body and answers
burn_pages      pages of burns
leases          settlements of leases
totals          what was used, period by period
forecasts       what is to be expected
records         what pages and settlements are made of, and records as they are listed and found
"""
