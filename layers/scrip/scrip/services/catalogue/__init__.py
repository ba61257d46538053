"""What is sold, given and charged for, and the keys of the API.

keys         API keys
packs        units and packs
promotions   promotions, as they are defined
rates        rate cards of meters
"""
