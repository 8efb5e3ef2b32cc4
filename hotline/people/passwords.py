"""Passwords: Argon2id, at most two hashes at a time in one process, lock-out after repeated failures."""

import threading
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB each (spine.md, "The web never thinks")."""
TOGETHER = threading.BoundedSemaphore(2)
MIN_LENGTH = 10
FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$0Yy1rD2n1dF6m3v0pUu3m0pQkUe7wqkQ0m0m0m0m0m0"


def hash_password(password: str) -> str:
    """The hash to store."""
    with TOGETHER:
        return HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether the password is the stored one; takes as long for a wrong one."""
    with TOGETHER:
        try:
            return HASHER.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
