"""Methods: the topics of forums."""

from tests.platforms.telegram.basics import Json, bad
from tests.platforms.telegram.methods import Methods, forum_for
from tests.platforms.telegram.objects import Chat, Topic
from tests.platforms.telegram.state import TOPIC_COLOUR, State
from tests.platforms.telegram.text import u16

methods = Methods()


@methods.add("createForumTopic", "ForumTopic")
def create_forum_topic(state: State, p: Json) -> Json:
    chat, name = forum_for(state, p), p.get("name") or ""
    if not 1 <= u16(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    colour = p.get("icon_color", TOPIC_COLOUR)
    topic = state.open_topic(chat, state.bot, name, colour)
    return {"message_thread_id": topic.id, "name": name, "icon_color": colour}


def known_topic(state: State, p: Json) -> tuple[Chat, Topic]:
    """The forum and the topic that a call names."""
    chat = forum_for(state, p)
    topic = chat.topics.get(p.get("message_thread_id", 0))
    if topic is None:
        raise bad("TOPIC_ID_INVALID")
    return chat, topic


def close(state: State, p: Json, closed: bool) -> bool:
    """Close a topic, or open it again."""
    chat, topic = known_topic(state, p)
    if topic.closed is closed:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    state.post_message(chat, state.bot, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic=topic)
    return True


@methods.add("closeForumTopic")
def close_forum_topic(state: State, p: Json) -> bool:
    return close(state, p, closed=True)


@methods.add("reopenForumTopic")
def reopen_forum_topic(state: State, p: Json) -> bool:
    return close(state, p, closed=False)


@methods.add("editForumTopic")
def edit_forum_topic(state: State, p: Json) -> bool:
    chat, topic = known_topic(state, p)
    if not p.get("name") or p["name"] == topic.name:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.name = p["name"]
    state.post_message(chat, state.bot, {"forum_topic_edited": {"name": topic.name}}, topic=topic)
    return True


@methods.add("deleteForumTopic")
def delete_forum_topic(state: State, p: Json) -> bool:
    chat, topic = known_topic(state, p)
    state.drop_topic(chat, topic.id)
    return True
