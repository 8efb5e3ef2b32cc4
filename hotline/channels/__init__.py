"""Every way in: a foreign message becomes a Demand."""
