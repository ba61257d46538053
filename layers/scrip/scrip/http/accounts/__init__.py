"""Whom accounts are of.

profiles  profiles: the body and the answer
"""
