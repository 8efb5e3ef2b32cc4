"""Calls, seats and what a caller hears."""
