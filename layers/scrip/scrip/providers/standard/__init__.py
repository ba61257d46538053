"""A payment gateway of your own, by Standard Webhooks.

webhook    its webhooks, as facts
"""
