"""The live stream (`hotline live`): tells browsers the names of what changed; needs Redis, no database.

A name says only that something changed; the page fetches it again under its own person's rights.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from hotline import clock
from hotline.bell import LIVE_CHANNEL
from hotline.config import Config
from hotline.errors import BadSignature
from hotline.keys_file import read_secrets
from hotline.stream_token import check_token

log = structlog.get_logger()
BREATH_SECONDS = 15.0
LONGEST_SECONDS = 600.0
"""Then the browser comes back with a fresh token: nobody hears longer than their rights last."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
EVENT_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@dataclass(eq=False)
class Stream:
    """One browser: what it may hear and what it has not heard yet."""

    topics: frozenset[str]
    unheard: set[str] = field(default_factory=set)
    over: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def may_hear(self, name: str) -> bool:
        """Whether the token names this topic, or all of its kind by `kind:*`."""
        return name in self.topics or f"{name.partition(':')[0]}:*" in self.topics

    def end(self) -> None:
        """Close it at the next occasion."""
        self.over = True
        self.news.set()


class LiveStream:
    """The ASGI application: GET /stream?token=…, and GET /livez."""

    def __init__(self, config: Config) -> None:
        self.key = read_secrets(config.keys_path).stream
        address = urlsplit(config.base_url)
        self.origin = f"{address.scheme}://{address.netloc}"
        self.redis_url = config.redis_url
        self.streams: set[Stream] = set()
        self.hears = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Route one connection."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/stream":
            await self.open_stream(scope, receive, send)
        elif scope["type"] == "http":
            await refuse(send, 204 if scope["path"] == "/livez" else 404)

    async def live(self, receive: Receive, send: Send) -> None:
        """Listen to Redis from start to shutdown."""
        await receive()
        ear = asyncio.create_task(self.listen())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ear.cancel()
        self.end_all()
        await send({"type": "lifespan.shutdown.complete"})

    async def listen(self) -> None:
        """Hear the channel; while Redis is dead all streams are closed, so that pages ask by themselves."""
        never = Retry(NoBackoff(), 0)
        while True:
            client = Redis.from_url(
                self.redis_url, socket_connect_timeout=1.0, health_check_interval=10, retry=never
            )
            try:
                await self.hear(client)
            except (RedisError, OSError) as problem:
                log.warning("redis_unreachable", problem=type(problem).__name__)
            self.hears = False
            self.end_all()
            with contextlib.suppress(RedisError, OSError):
                await client.aclose()
            await asyncio.sleep(1.0)

    async def hear(self, client: Redis) -> None:
        """Pass on every message until Redis fails."""
        async with client.pubsub(ignore_subscribe_messages=True) as ear:
            await ear.subscribe(LIVE_CHANNEL)
            self.hears = True
            while True:
                message = await ear.get_message(timeout=5.0)
                if message:
                    self.spread(message["data"].decode("utf-8", "replace").split("\n"))

    def spread(self, names: Sequence[str]) -> None:
        """Give each stream the names it may hear; a name told twice is heard once."""
        for stream in self.streams:
            heard = {name for name in names if stream.may_hear(name)}
            if heard:
                stream.unheard.update(heard)
                stream.news.set()

    def end_all(self) -> None:
        """Close every stream."""
        for stream in self.streams:
            stream.end()

    async def open_stream(self, scope: Message, receive: Receive, send: Send) -> None:
        """Check origin and token, then tell until the browser leaves or its time is over."""
        origin = dict(scope["headers"]).get(b"origin")
        if origin is not None and origin.decode("latin-1") != self.origin:
            return await refuse(send, 403)
        shared = [(b"access-control-allow-origin", self.origin.encode()), (b"vary", b"Origin")]
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        try:
            stream = Stream(check_token(self.key, token, clock.now()))
        except BadSignature:
            return await refuse(send, 403, shared)
        if not self.hears:
            return await refuse(send, 503, shared)
        await send({"type": "http.response.start", "status": 200, "headers": [*EVENT_STREAM, *shared]})
        await self.serve(stream, receive, send)

    async def serve(self, stream: Stream, receive: Receive, send: Send) -> None:
        """One browser's whole time."""
        self.streams.add(stream)
        leaving = asyncio.create_task(until_left(receive, stream))
        closing = asyncio.get_running_loop().call_later(LONGEST_SECONDS, stream.end)
        try:
            await say(send, b": hello\n\n")
            while not stream.over:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stream.news.wait(), BREATH_SECONDS)
                stream.news.clear()
                names, stream.unheard = stream.unheard, set()
                await say(send, f"data: {' '.join(sorted(names))}\n\n".encode() if names else b":\n\n")
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.streams.discard(stream)
            closing.cancel()
            leaving.cancel()


async def until_left(receive: Receive, stream: Stream) -> None:
    """Notice that the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def say(send: Send, words: bytes) -> None:
    """One piece of the stream."""
    await send({"type": "http.response.body", "body": words, "more_body": True})


async def refuse(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """An answer without words."""
    everything = [*headers, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": everything})
    await send({"type": "http.response.body", "body": b""})
