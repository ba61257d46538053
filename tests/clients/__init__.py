"""Clients: those of Scrip's own, and those that generators make of docs/openapi.json. They are made, compiled, and call
a Scrip in this process.

What is run is what docs/clients.md says. The TypeScript ones need Node and npm. Their packages are those of
package-lock.json, installed once for each lock into .local/clients; ``make lock`` writes it.
"""
