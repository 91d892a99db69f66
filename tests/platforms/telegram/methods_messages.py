"""Methods: messages, files and callback queries."""

import hashlib
import time

from tests.platforms.telegram.basics import Json, bad
from tests.platforms.telegram.methods import (
    Methods,
    chat_for,
    message_for,
    own_message,
    rewrite,
    say_as_bot,
    upload_for,
)
from tests.platforms.telegram.objects import BOT_ID, Message
from tests.platforms.telegram.params import moving_size, picture_size
from tests.platforms.telegram.state import State
from tests.platforms.telegram.text import formatted, u16

methods = Methods()


@methods.add("sendMessage", "Message")
def send_message(state: State, p: Json) -> Json:
    def content() -> Json:
        if not p.get("text"):
            raise bad("message text is empty")
        text, entities = formatted(p, "text", 4096)
        if not text:
            raise bad("text must be non-empty")
        return {"text": text} | ({"entities": entities} if entities else {})

    return say_as_bot(state, p, content).wire


def captioned(p: Json) -> Json:
    text, entities = formatted(p, "caption", 1024)
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})


@methods.add("sendDocument", "Message")
def send_document(state: State, p: Json) -> Json:
    chat_for(state, p)
    caption = captioned(p)
    upload, document = upload_for(state, p, "document")
    return say_as_bot(state, p, lambda: {"document": document} | caption, upload, "documents").wire


@methods.add("sendPhoto", "Message")
def send_photo(state: State, p: Json) -> Json:
    chat_for(state, p)
    caption = captioned(p)
    upload, document = upload_for(state, p, "photo")
    width, height = picture_size(upload.data)
    size = {k: document[k] for k in ("file_id", "file_unique_id", "file_size")} | {"width": width, "height": height}
    return say_as_bot(state, p, lambda: {"photo": [size]} | caption, upload, "photos").wire


@methods.add("sendAnimation", "Message")
def send_animation(state: State, p: Json) -> Json:
    chat_for(state, p)
    caption = captioned(p)
    upload, document = upload_for(state, p, "animation")
    # "For backward compatibility, when this field is set, the document field will also be set" (Message.animation)
    content = {"document": document} | caption
    if size := moving_size(upload.data):  # what does not move is a document like any other
        content["animation"] = document | {"width": size[0], "height": size[1], "duration": p.get("duration", 0)}
    return say_as_bot(state, p, lambda: content, upload, "other_messages").wire


@methods.add("copyMessage", "MessageId")
def copy_message(state: State, p: Json) -> Json:
    source = message_for(p, chat_for(state, p, "from_chat_id", write=False), "message to copy not found")
    kinds = ("text", "entities", "animation", "document", "photo", "caption", "caption_entities")
    content = {k: v for k, v in source.wire.items() if k in kinds}
    if not content:
        raise bad("message can't be copied")
    if "caption" in p and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")} | captioned(p)
    return {"message_id": say_as_bot(state, p, lambda: content, source.upload).id}


@methods.add("sendChatAction")
def send_chat_action(state: State, p: Json) -> bool:
    chat = chat_for(state, p)
    if not p.get("action"):
        raise bad("wrong parameter action in request")
    state.actions.append((chat.id, p["action"]))
    return True


@methods.add("editMessageText", "Message")
def edit_message_text(state: State, p: Json) -> Json:
    message = own_message(state, p)
    if "text" not in message.wire:
        raise bad("there is no text in the message to edit")
    text, entities = formatted(p, "text", 4096)
    if not text:
        raise bad("message text is empty" if not p.get("text") else "text must be non-empty")
    change = {"text": text} | ({"entities": entities} if entities else {})
    return rewrite(message, p, change, clear=("entities",))


@methods.add("editMessageCaption", "Message")
def edit_message_caption(state: State, p: Json) -> Json:
    message = own_message(state, p)
    if "document" not in message.wire and "photo" not in message.wire:
        raise bad("there is no caption in the message to edit")
    return rewrite(message, p, captioned(p), clear=("caption", "caption_entities"))


@methods.add("editMessageReplyMarkup", "Message")
def edit_message_reply_markup(state: State, p: Json) -> Json:
    return rewrite(own_message(state, p), p, {})


def delete(state: State, messages: list[Message]) -> bool:
    """Delete messages, if the bot may delete them all: what it said, or was told in private, for 48 hours."""
    for message in messages:
        chat = message.chat
        if not chat.person and chat.members[BOT_ID] == "administrator" and chat.may(state.bot, "can_delete_messages"):
            continue
        # "Bots granted can_post_messages permissions can delete outgoing messages in channels."
        if not (message.from_bot or chat.person) or (chat.is_channel and not chat.may(state.bot, "can_send_messages")):
            raise bad("message can't be deleted")
        if message.wire["date"] <= time.time() - 48 * 3600:
            raise bad("message can't be deleted for everyone")
    for message in messages:
        state.remove(message)
    return True


@methods.add("deleteMessage")
def delete_message(state: State, p: Json) -> bool:
    message = message_for(p, chat_for(state, p), "message to delete not found")
    return delete(state, [message])


@methods.add("deleteMessages")
def delete_messages(state: State, p: Json) -> bool:
    chat, ids = chat_for(state, p), p.get("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad("message identifiers are not specified" if not ids else "too many message identifiers specified")
    return delete(state, [chat.messages[i] for i in dict.fromkeys(ids) if i in chat.messages])


@methods.add("answerCallbackQuery")
def answer_callback_query(state: State, p: Json) -> bool:
    answers = state.presses.get(str(p.get("callback_query_id")))
    if answers is None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if u16(p.get("text") or "") > 200:
        raise bad("MESSAGE_TOO_LONG")
    answers.append(p)
    return True


@methods.add("pinChatMessage")
def pin_chat_message(state: State, p: Json) -> bool:
    chat = chat_for(state, p)
    message = message_for(p, chat, "message to pin not found")
    if not chat.person and chat.members[BOT_ID] != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    chat.pinned = message.id
    return True


@methods.add("getFile", "File")
def get_file(state: State, p: Json) -> Json:
    if p.get("file_id") not in state.files:
        raise bad("wrong file_id or the file is temporarily unavailable")
    upload, path = state.files[p["file_id"]]
    unique = hashlib.sha256(upload.data).hexdigest()[:16]
    size = len(upload.data)
    return {"file_id": p["file_id"], "file_unique_id": unique, "file_size": size, "file_path": path}
