"""Proof under faults: writers pay, everything is killed at random, and a checker compares what was promised."""
