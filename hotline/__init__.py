"""The desk: receives, dispatches, follows and closes what citizens tell the city."""
