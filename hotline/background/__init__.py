"""What follows a step: the drain, its jobs, the schedule and the live stream."""
