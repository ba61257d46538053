"""Bodies and answers of the catalogue.

keys        API keys
packs       packs: what is sold
portal_sessions  short-lived keys of one customer
promotions  promotions
rates       rate cards and their prices
units       units and their policies
"""
