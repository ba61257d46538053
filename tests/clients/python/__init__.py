"""The Python client: its modules against a server that answers what a test wants, and all of it against Scrip."""
