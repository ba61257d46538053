"""What is sold, given and charged for, and the keys of the API.

keys         API keys
packs        packs
promotions   promotions, as they are defined
rates        rate cards of meters
units        units and their policies
versions     how each of them gets its next version
"""
