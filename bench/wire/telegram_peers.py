"""Others that send to the server of telegram_server.py, one in a process: `telegram_peers.py who port rate seconds`.

Who is `ptb`, `aiogram` or `aiohttp`; a rate of 0 is as fast as it goes, fifty at once. Prints JSON: how many were sent,
within how many seconds, and how many of those the processor was ours.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

TOKEN = "1:AA" + "x" * 33
TEXT = "Hello. " * 30
AT_ONCE = 50  # as fast as it goes
IN_FLIGHT = 250  # at a pace
CATCH_UP = 20  # messages: what is later than that is late

Send = Callable[[int], Awaitable[object]]


@asynccontextmanager
async def ptb(port: int) -> AsyncIterator[Send]:
    """python-telegram-bot, with the request that it comes with."""
    from telegram import Bot

    async with Bot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot") as bot:
        yield lambda chat: bot.send_message(chat, TEXT)


@asynccontextmanager
async def aiogram(port: int) -> AsyncIterator[Send]:
    """aiogram's Bot."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    server = TelegramAPIServer.from_base(f"http://127.0.0.1:{port}")
    session = AiohttpSession(api=server, limit=IN_FLIGHT)
    async with Bot(TOKEN, session=session) as bot:
        yield lambda chat: bot.send_message(chat, TEXT)


@asynccontextmanager
async def aiohttp(port: int) -> AsyncIterator[Send]:
    """No library of Telegram's at all: the floor."""
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector

    url = f"http://127.0.0.1:{port}/bot{TOKEN}/sendMessage"
    async with ClientSession(connector=TCPConnector(limit=IN_FLIGHT), cookie_jar=DummyCookieJar()) as session:

        async def send(chat: int) -> int:
            async with session.post(url, json={"chat_id": chat, "text": TEXT}) as response:
                return json.loads(await response.read())["result"]["message_id"]

        yield send


async def main(who: str, port: int, rate: float, seconds: float) -> None:
    """Send."""
    async with {"ptb": ptb, "aiogram": aiogram, "aiohttp": aiohttp}[who](port) as send:
        sent = failed = 0
        slots = asyncio.Semaphore(IN_FLIGHT if rate else AT_ONCE)

        async def one(chat: int) -> None:
            nonlocal sent, failed
            try:
                await send(chat)
                sent += 1
            except Exception:  # noqa: BLE001 # it is counted
                failed += 1
            finally:
                slots.release()

        loop, number = asyncio.get_running_loop(), 0
        begun, cpu = loop.time(), time.process_time()
        since = begun
        async with asyncio.TaskGroup() as group:
            while (now := loop.time()) < begun + seconds:
                if rate and (now - since) * rate < 1:
                    await asyncio.sleep(since + 1 / rate - now)
                    continue
                since = max(since + 1 / rate, now - CATCH_UP / rate) if rate else 0.0
                await slots.acquire()
                number += 1
                group.create_task(one(10_000 + number))
        took = loop.time() - begun
        print(json.dumps({"sent": sent, "failed": failed, "seconds": took, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
