"""What was used, at any rate: bodies and answers.

budgets         budgets: body and answers
burn_pages      pages of burns
bus             events of usage that somebody put onto the bus
cloud_events    events of usage as CloudEvents
intake          events of usage as requests bring them
leases          settlements of leases
totals          what was used, period by period
forecasts       what is to be expected
meter_events    meter events of Stripe's, as CloudEvents
records         what pages and settlements are made of, and records as they are listed and found
rejections      events of usage that were rejected: the list, and what is brought back or dismissed
usage_data      what an event of usage says was used
"""
