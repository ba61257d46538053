"""Bodies and answers of the books.

charts  the chart of accounts
invoices  credits applied to invoices, and given back
"""
