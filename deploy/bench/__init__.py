"""Benchmarks: every one measures its floor and us in one run on one PostgreSQL, and prints the ratio."""
