"""A simulated city: a seeded plan of demands and what people do with them, played by the real verbs."""
