"""The life of a ticket: one door to its state, and a verb for each thing people do to it."""
