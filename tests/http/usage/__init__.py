"""Usage at any rate, over its handlers."""
