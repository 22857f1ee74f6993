"""Scenarios: worked examples in a clerk's language, run against the real services."""
