"""The books as they are kept.

charts  the chart of accounts
"""
