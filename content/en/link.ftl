# One member on several platforms. What comes by itself begins with a line that gives nothing away.

link = One count on Discord and Telegram: a code from one, typed on the other.
    .code = The code that /link gave you on the other side
unlink = Your linked accounts: take one out, or stop a link.
enter-form = The code from the other side
    .code = Eight letters and digits

code =
    { $code }

    On the other platform, open my private chat and type /link and this code, so that this account and that one share one count. It is good once, for { $minutes } minutes. Give it to nobody: whoever types it can become you here.
have-code = I have a code
stranger =
    Do you have a count with me on another platform already? Type /link there: it gives you a code. Then type /link and the code here.

    Nothing is kept of you here before you agree.

made-on = This code was made on { $platform }.
same-platform = You are on the same platform here. This was made for two, and it works all the same.
what-becomes =
    If you go on, that account and this one become one person here, with one ledger:

    • What either has logged stays: contacts, notes, urges, letters, questions, communities. The days are counted from all of it, so the number may be another one than you see now, also a smaller one.
    • For settings, stage, time zone and plans, the other side counts first, and yours only where it has none. A pause, discreet or silent mode, or a court order that either side has, stays.
    • One thought a day comes, not two, and to one place, which /settings lets you choose.
becomes-another = If you go on, this account becomes another one of the same person: what you do here counts there, and what is there shows here.
in-a-day = It takes effect in 24 hours. Both sides are told now, and either can stop it until then with one tap. Until then neither shows anything of the other.
yes-link = Yes, link them
left-as-it-is = Everything stays as it is.
begun = It is noted. On { $when } they become one. Until then neither shows anything of the other, and either can stop it.
stop = Stop it
stopped = It is stopped, and nothing was linked. What either side has stays its own; /forget erases what is kept of this one.
nothing-waits = Nothing waits any more. /unlink shows how it stands.

waits = A link waits for its time: on { $when } another account and this one become one person, with one ledger. Until then neither shows anything of the other.
accounts = Your accounts, with one ledger for all:
take-out = Take out { $account }
only-one = Nothing is linked: this account stands by itself. /link joins it with one on another platform.
ask-take-out = This takes out { $account }, at once. Your ledger and all else stay with your other accounts; that account will be as if it had never joined, and can't see any of it. Answers to what you asked there will come to another of yours.
yes-take-out = Yes, take it out
taken-out = It is taken out, and knows nothing of you any more. What it showed before stays in that chat until you delete it.
taken-out-here = This account is taken out. Nothing of yours is kept for it here any more; your ledger is where your other accounts are. What stands in this chat stays until you delete it.

# What each account is told.
first-line = There is a note for you.
show = Show it
told-begun =
    A link was begun between your account here and one on { $platform }. On { $when } they become one person here, with one ledger that both can read.

    Was that not you? Stop it. Until then nothing of yours shows there.
told-again =
    A link still waits: on { $when } another account and this one become one person here, with one ledger that both can read.

    If that was not you, stop it now. If it was, there is nothing to do.
told-stopped = A link that waited was stopped, and nothing was linked. What is yours stays yours; /forget erases it.
told-joined = Your accounts are linked now, with one ledger for all. /streak shows the same on each. /unlink takes one out, and /settings says where I write to you.
told-one-less = One of your accounts was taken out, and knows nothing of you any more. Your ledger is as it was. /unlink shows which are yours.
told-taken-out = This account was taken out from another of yours, and I keep nothing of you here any more. Your ledger is where your other accounts are. /link there makes a code that brings this one back.
told-erased = Everything kept of you was erased, with /forget from another of your accounts. Nothing is kept of this one any more either. If you want to come back, /join is there.

# What can go wrong, and what to do.
not-a-code = A code is { $length } letters and digits, like the one /link gives on the other side. Type it after /link.
no-such-code = That code isn't known to me: it may be mistyped, or a newer one was made since. Look once more, or type /link on the other side for a new one.
too-many-tries = Too many codes were wrong. Wait for an hour, then make a new one on the other side with /link.
code-over = That code has run out: each is good for { $minutes } minutes. Type /link on the other side for a new one.
code-used = That code was used already, and each is good once. /unlink shows what waits; /link on the other side makes a new one.
own-code = You made that code in this very account. Type it on the other platform, in my private chat there.
linked-already = That code is from an account that is linked with this one already. /unlink shows your accounts.
one-waits-there = A link waits on that side already. Stop it there first, with /unlink, or wait until it has taken effect.
enough = You have { $most } accounts linked, which is as many as fit. /unlink takes one out.
too-many = Together that would be more than { $most } accounts, which is as many as fit. /unlink takes one out.
not-linked = That account isn't one of yours any more. /unlink shows those that are.
last-one = That is the only account you have here. /forget erases everything, and this account with it.
