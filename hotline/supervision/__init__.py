"""The numbers: rates, boards and what they are made of."""
