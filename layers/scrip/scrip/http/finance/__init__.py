"""Bodies and answers of the books.

charts  the chart of accounts
"""
