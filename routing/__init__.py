"""Says which department a demand belongs to, how urgent it is, and until when each step is due."""
