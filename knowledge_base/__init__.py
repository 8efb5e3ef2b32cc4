"""Finds the entry that answers a question: entries with owner and validity, search, suggestions, import."""
