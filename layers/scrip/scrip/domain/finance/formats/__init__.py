"""The journal as files that other programs read.

beancount   a ledger of Beancount's, with assertions of its balances
journals    entries of the journal as journals to write: each entry, or each day
layout      what a layout of a CSV file is, and how journals are written in one
layouts     the layouts that there are
netsuite    NetSuite's import of journal entries
quickbooks  QuickBooks Online's import of journal entries
xero        Xero's import of manual journals
"""
