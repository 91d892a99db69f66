# What is kept, and how it is taken along or erased.

privacy = What is kept, who can read it, what we cannot protect.
export = Everything kept of you, as one file, with tables and pictures.
forget = Erase everything kept of you.

text =
    { $operator } runs this and answers for it.

    Kept, from the moment you agree: your account's id here, your time zone, which communities you joined, your contacts and days with your notes and plans, your stage, your urges and the messages you did not send, your check-ins, which thoughts you have had and what you said of them, dates you named as hard, your questions and their answers. All of it is sealed, apart from the hours at which something is due for you.

    For how long: until you say /forget. Your id and words are then gone from the database at once, your questions at the coaches' too. A question that is over goes before, with its answers: some weeks after it is closed, or when you say so; /questions has the day. If you are not here for a year, I write once; thirty days later all of it is erased the same way, unless you come by.

    Coaches see the words of a question, never who asks. The database does not tell either: only the key does, which { $operator } holds. A tip is nobody's once you have sent it: not even the key tells whose it was.

    What we cannot protect: { $platform ->
        [discord] Discord can read what you write here.
        [telegram] Telegram can read what you write here.
       *[other] whoever uses this computer can read what you write here.
    } Whoever holds the key can read what is kept. A coach can take a picture of a question. In a small community, people may guess by what you tell and how you write. Backups live on until they expire, and what you see in this chat stays here until you delete it.

    /export gives you everything. /forget erases it.
back = Back

exported = This is everything kept of you: README.txt in it says what each file is. Keep it where nobody else reads it.
exported-part = This is part { $number } of { $of } of everything kept of you: it is more than a chat takes at once. Keep it where nobody else reads it.
next-part = The next part
readme-first =
    This is everything that Unsent keeps of you, as it was on { $time }.

    The files that end in .csv open in any spreadsheet. Times are those of your clock ({ $zone }), with its distance from UTC. Where something you wrote begins with a sign that a spreadsheet would compute, a ' stands before it.
readme-json = All of it, for programs: also what is only needed while something is on its way, like a message that is not delivered yet. Times are in UTC there.
readme-last =
    Keep this where nobody else reads it. It is sealed no more.

    /forget erases what it was made of.
yes = yes
no = no

kept-members = You, as I know you.
    .file = you
kept-members-joined = Joined
kept-members-terms = Version of the words you agreed to
kept-members-zone = Time zone
kept-members-locale = Language
kept-members-day_start = Hour at which your day begins
kept-members-floor = Latest day you were shown before a change of your clock
kept-members-seen = Last day you were here
kept-members-at = Number of the account that I write to
kept-members-id = Number
kept-accounts = Where I can speak to you.
kept-accounts-platform = Platform
kept-accounts-address = Your id there
kept-accounts-unreachable = My last message was refused
kept-accounts-id = Number
kept-memberships = The communities you joined.
    .file = communities
kept-memberships-community = Community
kept-memberships-since = Since

forget-sure = This erases everything kept of you: your days, your stage, your messages, your questions and their answers. It cannot be undone. A copy comes first, if you like.
export-first = A copy first
forget-everywhere = It takes all your linked accounts with it. To take only one of them out, use /unlink.
erased-everywhere = Your other accounts are nobody's now, too. I tell them so, once.
erase = Yes, erase everything
keep = Keep it
kept = Everything is as it was.
erased = Everything kept of you is erased, and so is your account.
erased-with =
    Everything kept of you is erased. With your account and what you chose, this is gone:

    { $what }
not-reached = What I cannot reach: this chat itself, which you can delete; what others have read and remember; what you agreed to have published and tips that you sent, which your code for each takes down with /unpublish; backups until they expire; and, if coaches take no questions from you for now, that they don't, until that ends. If you ever want to come back, /join is there.

silence =
    A note about this chat. Nothing in it is urgent.

    You were not here for a year. In { $days } days everything kept of you is erased: your days, your messages, your questions. If that is how you want it, there is nothing you have to do.

    If you want to keep it, press "Keep it", or write anything here.
erase-now = Erase it now
stays = It all stays. Nothing more is asked of you, and nothing is erased before another year without you.
silence-shown =
    You were not here for a year, so everything kept of you would have been erased in a while. You are here now, and it stays: your days, your messages, your questions.

    If you don't want it any more, it can go at once.
