# What is kept, and how it is taken along or erased.

privacy = What is kept, who can read it, what we cannot protect.
export = Everything kept of you, as one file.
forget = Erase everything kept of you.

text =
    { $operator } runs this and answers for it.

    Kept, from the moment you agree: your account's id here, your time zone, which communities you joined, your contacts and days with your notes and plans, your stage, your urges and the messages you did not send, your check-ins, which thoughts you have had, your questions and their answers. All of it is sealed, apart from the hours at which something is due for you.

    For how long: until you say /forget. Your id and words are then gone from the database at once, your questions at the coaches' too.

    Coaches see the words of a question, never who asks. The database does not tell either: only the key does, which { $operator } holds.

    What we cannot protect: { $platform ->
        [discord] Discord can read what you write here.
        [telegram] Telegram can read what you write here.
       *[other] whoever uses this computer can read what you write here.
    } Whoever holds the key can read what is kept. A coach can take a picture of a question. In a small community, people may guess by what you tell and how you write. Backups live on until they expire, and what you see in this chat stays here until you delete it.

    /export gives you everything. /forget erases it.
back = Back

exported = This is everything kept of you. Keep it where nobody else reads it.
forget-sure = This erases everything kept of you: your days, your stage, your questions and their answers. It cannot be undone. /export gives you a copy first.
forget-everywhere = It takes all your linked accounts with it. To take only one of them out, use /unlink.
erased-everywhere = Your other accounts are nobody's now, too. I tell them so, once.
erase = Yes, erase everything
keep = Keep it
kept = Everything is as it was.
erased =
    Everything kept of you is erased: your account, your days, your stage, your questions and their answers.

    What I cannot reach: this chat itself, which you can delete, and backups until they expire. If you ever want to come back, /join is there.
