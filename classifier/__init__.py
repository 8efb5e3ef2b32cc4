"""Reads a citizen's Chinese and says what it is about; knows nothing of tickets, web or database."""
