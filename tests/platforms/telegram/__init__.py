"""A Telegram Bot API server on loopback for tests: the real wire protocol, people to act as, faults to switch on.

    async with TelegramServer() as server:
        bot = telegram.Bot(server.token, base_url=server.base_url, base_file_url=server.base_file_url)
        ann = server.add_user("Ann")
        server.say(ann, server.private(ann), "/start")
        ...
        assert server.check() == []

Everything is controlled from the test's side, so the bot may as well be another process, killed at any moment.
HTML is parsed; Markdown is not supported. Limits are strict: what Telegram forgives now and then is refused here.

Where to look:

    server.py       starting, stopping, what becomes of a call
    methods_*.py    the methods of the Bot API by subject; methods.py is what they share
    updates.py      what the bot is told, by polling or webhook, and the methods for that
    people.py       people, groups, channels, topics
    acting.py       acting as a person, and seeing what they see
    objects.py      how things look on the wire
    basics.py       JSON, errors
    text.py         HTML, entities and their limits
    params.py       how parameters are read, and which are refused
    faults.py       what goes wrong when a test wants it to; the rate limits
    state.py        what is kept, and waiting for it to change
"""

from tests.platforms.telegram.acting import Press
from tests.platforms.telegram.basics import ApiError, Json
from tests.platforms.telegram.objects import Chat, Message, Person, Topic, Upload
from tests.platforms.telegram.server import TelegramServer

__all__ = ["ApiError", "Chat", "Json", "Message", "Person", "Press", "TelegramServer", "Topic", "Upload"]
