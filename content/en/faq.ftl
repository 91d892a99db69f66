# Questions that were published with their answers, and how one is taken down.

faq = Questions others asked the coaches, with the answers.
    .words = A word or two that it is about
unpublish = Take down a question of yours that was published, or a tip.
    .code = The code you were given for it

newest = What others asked here, newest first. They agreed to each word of it.
found = This may be about it:
open = Open one
newer = Newer
older = Older
newest-button = All questions
nothing = I found nothing about that here. Other words may find it, and a person can be asked too: the coaches read every question.
none-yet = Nothing has been published here yet. The coaches can be asked all the same, and only who asked reads the answer.
nothing-older = There is nothing older.
gone = That was taken down meanwhile, by whoever had asked it.
one =
    { $question }

    { $answer }

    { $by }
by = { $name }, a coach of this community
by-nobody = A coach of this community
more = More questions
post-gone = This was taken down by whoever had asked it.
too-long = Question and answer are { $length } characters together; { $max } fit in one message. Could you say it a little shorter?

how = When something of yours was published, or you sent a tip, you were given a code for it. Type /unpublish and the code, and it is taken down at once. No account is needed, only the code.
taken-down = It is taken down: nobody finds it here any more, and what was posted is being deleted. What others have read or copied is beyond me.
not-a-code = A code is { $length } letters and digits, like the one you were given for it. Type it after /unpublish.
no-such-code = That code takes nothing down: it may be mistyped, or it was used already. Look once more, please.
too-many-tries = Too many codes were wrong. Wait for an hour, please, then try again.
