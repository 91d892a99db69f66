# What Unsent says wherever a feature does not speak for itself.

only-you-see = Only you see the answer.
everyone-sees = Everyone here sees the answer.

join-first = This part begins once you have joined. It takes a minute, and nothing is kept before you agree.
join = Join
help = Help
help-lines = Help lines
ask-a-coach = Ask a coach
cancel = Cancel
did-not-catch =
    I'm a small program, and I only understand commands. Nothing of that message is kept.

    Would you like to ask a person?
unknown-command = I don't know that one, or that button is from another time. /help shows what I can do.
no-community = That belongs to one place: type it in the server or the group that it is for, where I have been set up.
gone-community = What that belongs to isn't there any more. In a group, the newest link leads on; here, /join and /help do.
changed-meanwhile = Something changed here just now. Please press that once more.
only-coach = That is for the coaches here.
only-owner = That is for whoever runs this place.
our-fault =
    Something went wrong on our side, and nothing of yours was changed. Please try again in a minute.
    If it stays like this, tell whoever runs this place: { $reference }.
again = You may have had this already. I wasn't sure it reached you, so here it is again.
in-private = That one is between you and me.
open-chat = Open our chat
text-only = I can only take words: no pictures, recordings or files. Nothing of it is kept.

# Choosing a place or a person on Telegram.
menu-choose = Choose
menu-here = { $label }: here
menu-pick-channel =
    Press a button below the chat, then choose.

    In a group I have to be already. In a channel I may only post: if I can't yet, Telegram asks you first.
menu-a-group = A group
menu-a-channel = A channel
menu-pick-member = Press the button below the chat, then choose the person.
menu-taken = Got it.

arg-missing = Please add { $name } after the command.
arg-choice = For { $name }, choose one of: { $choices }.
arg-number = For { $name }, type a whole number from { $min } to { $max }.
arg-date = I couldn't read that as a date. Type it like { $example }, "yesterday" or "5 days ago".
word-today = today
word-yesterday = yesterday

form-ask = { $label }
form-ask-in-group =
    { $label }

    Reply to this message to answer.
form-skip = Skip
form-cancel = Cancel
form-cancelled = All right, that's gone.
form-gone = That is closed already. Nothing of it was kept.
form-needed = I need this one to go on.
form-text-only = Please type it as text.
form-words-only = I can only take words here: no pictures, recordings or files, and nothing of it is kept. Please type it, or press Cancel above.
form-too-long = That is { $length } characters; { $max } fit. Could you say it a little shorter?
form-pick-one = Please press one of the buttons.

discord-old-button = That button is from an earlier version of me. /help begins anew.
discord-slow = That took too long, I'm sorry. Please try once more.

# What breaks at a community's places, told once and in private to who set it up, and when it is mended.
upkeep-first = A note about { $community }.
broken-desk =
    I can't write to the coaches' desk, { $place }, any more:
    { $what }
    Questions that are on their way wait for up to a day, and no new ones are taken.
broken-posts =
    I can't post in { $place } any more:
    { $what }
upkeep-last = Everything else goes on. Once it is mended I go on by myself; /setup there shows how it stands.
mended-desk = The coaches' desk, { $place }, works again. What still waited goes out now.
mended-posts = Posting in { $place } works again.

# What a platform finds fault with, told at most once a day to everybody who set a community up there.
warned-discord-opened_too_many =
    A note, as you set up a community with me.

    Discord finds that I begin too many private conversations at once. For ten minutes I begin no new ones there. Everything else goes on, and what waits comes by itself, but for a daily thought that would be three hours late.

    Please tell { $operator }, who runs me. It helps when people choose other hours for their daily thought, with /daily.
warned-discord-flagged =
    A note, as you set up a community with me.

    Discord has taken me for spam: until it changes its mind, I can't write there to anybody whom I haven't written to before. Everything else goes on, commands and the coaches' desk too. What waits is tried again each hour.

    Please tell { $operator }, who runs me. They can ask Discord to look again, at https://dis.gd/app-quarantine.

wrong-gone = It was deleted, or I can't see it any more.
wrong-removed = I was taken out of there. Let me in again.
wrong-refused = The platform refuses, and doesn't say why.

# Switches, as the platforms' own settings name them.
switch-discord-view_channel = View Channel
switch-discord-send_messages = Send Messages
switch-discord-create_posts = Create Posts
switch-discord-send_messages_in_threads = Send Messages in Threads (in a forum: Send Messages in Posts)
switch-discord-embed_links = Embed Links
switch-discord-attach_files = Attach Files
switch-discord-read_message_history = Read Message History
switch-discord-manage_threads = Manage Threads (in a forum: Manage Posts), or for a private thread let me into it
switch-discord-create_public_threads = Create Public Threads
switch-discord-timeout = Remove Timeout: I have been given one
switch-discord-require_tag = Turn off "Require people to select tags when posting"
switch-telegram-send_messages = Permissions: Send messages
switch-telegram-send_photos = Permissions: Send media, Photos
switch-telegram-send_documents = Permissions: Send media, Files
switch-telegram-own_send_messages = Permissions, Exceptions, the bot: Send messages
switch-telegram-own_send_photos = Permissions, Exceptions, the bot: Send media, Photos
switch-telegram-own_send_documents = Permissions, Exceptions, the bot: Send media, Files
switch-telegram-administrator = Administrators: make me one
switch-telegram-delete_messages = Administrators, the bot: Delete messages
switch-telegram-channel_post_messages = Administrators, the bot: Manage messages, Post messages
switch-telegram-channel_delete_messages = Administrators, the bot: Manage messages, Delete messages of others
anonymous-admin = I can't tell who you are while you remain anonymous. Turn off "Remain anonymous" for yourself (Administrators, your name), or go on in our private chat.

# The preview page.
preview-community = The preview
preview-contact = on this page
preview-title = Unsent
preview-tagline = The message you did not send.
preview-clock = Unsent's clock
preview-clock-utc = UTC
preview-clock-local = your time
preview-clock-move = Move the clock forward
preview-clock-minute = +1 min
preview-clock-hour = +1 hour
preview-clock-morning = Tomorrow 8:00
preview-clock-week = +1 week
preview-panes = Who and where
preview-tab-robin = Robin
preview-tab-sam = Sam
preview-tab-desk = Coaches' desk
preview-tab-town = Community
preview-sub-private = private chat
preview-sub-desk = only coaches see this
preview-sub-town = a channel for everyone
preview-speaking-as = Speaking as
preview-unread = something new
preview-log = What was said: { $name }
preview-empty-private = Nothing said yet. Write a line, or look at what Unsent can do.
preview-empty-desk = Questions from members arrive here, without their names.
preview-empty-town = Where the community talks. Private answers stay private here, too.
preview-empty-commands = Show the commands
preview-commands = Commands
preview-say = Message, as { $name }
preview-placeholder = { $name } writes…
preview-send = Send
preview-cancel = Cancel
preview-choose = Choose
preview-pick = Pick one
preview-optional = (optional)
preview-edited = edited
preview-only-you = Only you see this
preview-dismiss = Dismiss
preview-moving = Show the moving picture
preview-gone = That button has gone. What stands there now is what counts.
preview-offline = Unsent does not answer just now. The page keeps trying.
preview-failed = That did not work. Load the page again and have another try.
preview-noscript = This page needs JavaScript to send and to show what is new.
preview-footer = A page for trying Unsent out. What is shown here is forgotten at a restart; what Unsent keeps is not.
preview-deck = The deck
preview-deck-about = Every piece, as each platform shows it.
preview-deck-link = The deck, as each platform shows it
preview-deck-back = Back to the chats
preview-deck-headings = Stages
preview-deck-page = This page
