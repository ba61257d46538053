"""Tests of the books as they are kept."""
