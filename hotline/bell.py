"""The doorbell: rings a lane's worker through rq after a commit, and tells browsers which topics changed.

Best effort by design: the truth is in the outbox table, a sweeper rings again, and a dead Redis never
refuses a citizen.
"""

from collections.abc import Iterable

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError

LIVE_CHANNEL = "hotline:live"
JOB = "hotline.background.drain.drain_lane"
WITHOUT_END = -1  # rq's three minutes would break off a training; statements and calls to others have ends of their own


def connect(url: str) -> Redis:
    """A client that gives up at once: redis-py would stall for seconds on a dead server (stack.md)."""
    return Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0))


def ring(client: Redis, lanes: Iterable[str]) -> None:
    """Ask the workers of these lanes to look into the outbox; an unreachable Redis is not an error."""
    try:
        for lane in lanes:
            queue = Queue(lane, connection=client)
            if queue.count < 2:
                queue.enqueue(JOB, lane, result_ttl=0, failure_ttl=86400, job_timeout=WITHOUT_END)
    except (RedisError, DuplicateJobError, OSError):
        return


def tell(client: Redis, topics: Iterable[str]) -> None:
    """Publish the names of what changed; never anything else."""
    names = "\n".join(sorted(set(topics)))
    if not names:
        return
    try:
        client.publish(LIVE_CHANNEL, names)
    except (RedisError, OSError):
        return
