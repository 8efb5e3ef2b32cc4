"""One blueprint an audience."""
