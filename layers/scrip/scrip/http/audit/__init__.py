"""Who changed what: the answers.

changes  the list of changes
"""
