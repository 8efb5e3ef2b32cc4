"""What must be fast, as ratios to floors measured in the same run: `python -m bench`; the curves of the classifier."""
