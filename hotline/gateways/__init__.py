"""Everything outside that we call, each behind a small protocol."""
