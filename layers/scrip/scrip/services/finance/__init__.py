"""The books as they are kept.

charts  the chart of accounts
invoices  credits applied to invoices, and given back
"""
