"""What is sold, given and charged for, and the keys of the API.

jwts         JSON Web Tokens of an issuer of your own
keys         API keys and portal sessions
notice_spans  how long before their ends a unit's lots have notices, by number
packs        packs
promotions   promotions, as they are defined
rate_limits  how often a key may ask
rates        rate cards of meters
units        units and their policies
versions     how each of them gets its next version
"""
