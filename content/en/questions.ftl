# Questions to the coaches, and what coaches see.

ask = Ask the coaches something. They see your words, never who you are.
ask-form = Ask a coach
    .question = Your question. No names, no places
answer-form = Your answer
    .answer = It goes to the asker as you write it

no-desk = No coaches sit here yet, so a question would wait for nobody. The help lines are there at any hour.
halted = Questions are closed here for now: whoever runs this place has paused everything. The help lines are there at any hour.
broken = Questions can't reach the coaches just now; whoever runs this place can see why with /setup. The help lines are there at any hour.
silent = The coaches have not answered for three days, so no new question is taken: it would wait for nobody. What you asked before still waits, and the help lines are there at any hour.
which-coaches = Whose coaches would you like to ask?
coaches-of = The coaches of
coaches-here = Coaches
coaches-of-one = The coaches of { $name }
join-here-first = You haven't joined { $name } yet, so its coaches can't answer you.
enough-open = { $open } questions of yours are waiting. When one is answered, you can ask the next.
send = Send
edit = Edit
cancelled = All right, that's gone. Nothing was sent.
sent = It goes to the coaches without your name. The answer will come to you in private.
sent-within = It goes to the coaches within { $minutes } minutes, without your name: at a random moment, so that nobody can tell when you wrote. The answer will come to you in private.
sent-or-gone = That was sent already, or it is gone: a draft is kept for an hour.
written-gone = That isn't here any more, so there is nothing of it to show. /ask is there at any hour.
withdrawn = This question is not here any more.
taken-away = This is not here any more.
not-here = This question is not here any more.
not-posted =
    There is news for you.

    You asked: “{ $question }”

    That could not reach the coaches, and none of them has read it. The fault is ours, not yours. Please ask again later; the help lines are there at any hour.

# -- The coaches' side: how a question stands at the desk, what is done with it there, and what comes of an answer.

queue = For coaches: what waits for an answer, one at a time.
desk-nameless = A question
desk-urgent = urgent
desk-topic = About: { $topic }
waited = { $unit ->
    [some-hours] has waited some hours
    [since-yesterday] has waited since yesterday
    [days] has waited { $days } days
   *[just-now] came just now
 }
part-further = They added:
part-answer = { $name } answered:
part-back = { $name } asked back:
part-word = { $name } closed it with a word:
part-note = { $name } noted, for coaches alone:
some-coach = A coach
goes-soon = It goes out within a minute, signed { $coach }.
gone-out = It has gone out. What became of it shows here later, at 06:00 or 18:00 UTC.
desk-claimed = { $coach } has it, until about { $until }.
desk-free = Nobody has it now.
desk-closed = Closed.
desk-thanked = They said thank you.
goes-on-below = It goes on below.
claim = Claim
release = Release
answer = Answer
add-answer = Add to it
ask-back = Ask back
more = More
back = Back
more-of = More about { $alias }
left-as-it-is = Left as it is.
claimed-by = { $coach } has it, until about { $until }.
answer-anyway = Answer anyway
claimed-meanwhile = { $coach } has taken this meanwhile.
answered-meanwhile = { $coach } has answered this meanwhile.
send-anyway = Send it all the same
not-sent =
    { $why } Nothing has gone out. Yours was:

    { $text }
closed-already = This question is closed: nothing more goes to whoever asked.
text-gone = That text isn't here any more: what is not sent is kept for an hour. Please write it again.
going-out = Going out in { $seconds } seconds, signed: { $coach }. They will see:
their-words = their words
undo = Undo
too-late = It has gone out already.
too-late-to-change = It went out more than a quarter of an hour ago, so it stays as it is. You can add to it.
taken-back =
    Taken back; nothing has gone out. Yours was:

    { $text }
changed = It is changed. They see now:
refused-phone = There is a phone number in it that is not a help line's, and coaches give no way to reach them.
refused-email = There is an e-mail address in it, and coaches give no way to reach them.
refused-link = There is a link in it that is not a help line's, and coaches give no way to reach them.
refused-handle = There is a name on another platform in it, and coaches give no way to reach them.
refused-contact = It offers to be reached elsewhere, and coaches answer here alone.
refused-meet = It offers to meet, and coaches answer here alone.
back-form = Ask something back
    .text = It goes to whoever asked, as you write it
hand = Hand over
hand-to = Who shall have it?
anyone = Anyone
no-such-coach = That coach signs with another name now, or with none. Please choose again.
urgent = Urgent
not-urgent = Not urgent
now-urgent = It stands before the others now.
now-not-urgent = It stands among the others again.
note = Note
note-form = A note for coaches
    .text = Whoever asked never sees it
noted = Noted, for coaches alone.
passages = Passages
passages-for = Passages that have some of its words, to begin an answer with. /snippets has them all.
no-passages = No passage has any of its words. /snippets has them all.
passage-gone = That passage isn't here any more.
pick-passage = Begin with
similar = Published before
close = Close
sure-close = Close it? Nothing more goes to whoever asked then.
close-with = Close with a word
close-without = Close
word-form = Close with a word
    .text = It goes to whoever asked, as you write it
answer-on-its-way = An answer is going out. Wait a minute, or take it back first.
publish = Publish
publish-form = The wording to publish
    .question = The question, so that nobody is recognised
    .answer = The answer
publish-nothing = There is no answer yet that could be published.
publish-asked-already = Whoever asked has been asked already. What they say shows here later.
publish-published = It is published already.
publish-refused = Whoever asked does not want it published.
publish-asked = Whoever asked is asked now, with this wording. What they say shows here later.
desk-publish-asked = Whoever asked has been asked whether it may be published.
desk-publish-yes = Published.
desk-publish-no = Not published.
what-waits = { $count ->
    [one] One question waits. It { $oldest }.
   *[other] { $count } wait. The oldest { $oldest }.
 }{ $urgent ->
    [0] {""}
    [one] {" "}One is urgent.
   *[other] {" "}{ $urgent } are urgent.
 }
nothing-waits = Nothing waits. Good night.
next = Next
pass = Pass
worried = I'm worried
worried-note = I'm worried about this one. Please look at it first.
worried-told = It stands before the others now, with a word that you are worried. Somebody else can take it.
fate-sent = Delivered.
fate-unreachable = They can't be reached. The answer waits until they are back.
fate-dead = It could not be delivered. Whoever runs this place can see why.
fate-expired = It could not be delivered in time.
fate-unknown = It may or may not have arrived.

# What whoever asks sees before Send, and what stands above a question at the desk.
preview = { $coaches } will see only this:
preview-marks = It may give you away here: { $quotes }; I may have missed more.
quoted = ‘{ $text }’
preview-last = Volunteers, not therapists or an emergency service; answers take { $wait }. Nameless; your style may tell.
takes-1 = about an hour
takes-3 = about three hours
takes-6 = about six hours
takes-12 = about twelve hours
takes-20 = about twenty hours
takes-30 = about a day
takes-48 = about two days
takes-72 = about three days
takes-999 = several days
takes-unknown = a day or more
topic = What it is about (if you like)
topic-lapse = A lapse
topic-urge = An urge
topic-wrote = They wrote
topic-ties = Children or other ties
topic-cheating = Cheating
topic-healing = Healing
topic-else = Something else
ask-first = Shall coaches see this first? Nobody may be awake.
yes-first = Yes, first
no = No
what-is-seen = What is seen?
seen =
    What coaches see: your words, what they are about if you said so, and two words as a name, drawn anew for each question. Not who you are, on which platform, in which language, since when, or when exactly you asked.

    What this cannot hide: who you are in what you tell. Names, places, jobs, dates and your way of writing can be recognised, most of all where few people are. A coach can remember it, or take a picture.

    The platform we write on reads what stands in this chat. { $operator } runs me, and whoever holds the key there can read all of it.

    After a question is closed it is destroyed, here and at the coaches'. /questions says when, and lets you do it at once. /privacy has the rest.
once-an-hour = One question an hour is what the coaches can carry. You can ask the next from { $time } on. You can add to one that is there with /questions.
blocked = These coaches take no questions from you for now. From { $day } on you can ask again. Everything else here is yours as before, and the help lines are there at any hour.
sent-further = It goes to the coaches, with your question. The answer will come to you in private.

# Further words on a question.
follow-form = What would you like to add?
    .more = Further words. No names, no places
further-closed = This question is closed, so nobody would read it. With /ask you can begin a new one.
further-later = A coach is answering just now. When it is here, you can add to it.
further-waits = What you added is with the coaches. When they have answered, you can add more.

further-lost =
    There is news for you.

    You added:

    { $more }

    That could not reach the coaches. The fault is ours, not yours. Your question stands as it did before. Please send it again in a while; the help lines are there at any hour.
send-again = Send it again

# What somebody has asked.
questions = What you asked the coaches, and where it stands.
none-asked = You haven't asked anything, or nothing of it is kept any more.
asked-so-far = What you asked, the newest first:
which-one = Look at one
my-questions = My questions
all-of-mine = All of mine
look-at-it = Look at it
read = Read
stands-waiting = waiting
stands-claimed = a coach is on it
stands-answering = an answer is on its way
stands-answered = answered
stands-back = a coach has asked you something
stands-closed = closed
stands-undelivered = answered, but it could not be delivered to you
you-asked = You asked:
you-added = You added:
added-lost = You added, and it did not reach the coaches:
earlier = Earlier
later = Later
kept-until = Where it stands: { $state }. On { $day } all of it is destroyed, here and at the coaches'.
kept-for = Where it stands: { $state }. { $days ->
    [one] A day
   *[other] { $days } days
 } after it is closed, all of it is destroyed, here and at the coaches'.
kept-not = Where it stands: { $state }. Once it is closed, all of it is destroyed, here and at the coaches'.

further = Follow up
thank = Thank
thanked = The coaches will see it. Did it help you? Nobody sees which question it was.
rate-1 = It helped
rate-2 = A little
rate-3 = No
rated-1 = Good to hear. It is counted, and with nobody's name.
rated-2 = Thank you. It is counted, and with nobody's name. You can follow up, if there is more.
rated-3 = Thank you for saying so. It is counted, and with nobody's name. You can follow up and say what is missing.
no-answer-yet = No coach has answered this one yet, so there is nothing to say of it. /questions shows where it stands.
withdraw = Withdraw
withdraw-sure = It vanishes at the coaches' too, also where one of them is on it. What they have read they have read. Withdraw it?
withdraw-yes = Yes, withdraw it
withdraw-late = This one is not open any more. You can forget it with /questions.
withdrawn-now = It is withdrawn, at the coaches' too.
keep-it = Keep it
forget-one = Forget this one now
forget-sure = Your words, the answers, and whose they were: all of it goes, here and at the coaches'. What stands in this chat you can delete yourself. Forget it?
forget-yes = Yes, forget it
forgotten-now = It is forgotten, here and at the coaches'.
report = Report
report-which = Which answer is it about?
which-answer = The answer
report-sure = { $who } is responsible here, and would be shown your question and this answer, in private: not who you are, and nothing of it goes to the coaches. Shall I?
report-yes = Yes, show it
report-no = No
report-sent = { $who } is shown it now, in private. The help lines are there at any hour, for this as well.
report-sent-already = That answer was reported already.
report-nobody = Nobody who could be told is known to me here. You can reach { $who } yourself, and the help lines are there at any hour.
report-lost = A note for you: what you wanted shown to whoever is responsible could not be delivered to them. You can reach { $who } yourself, and the help lines are there at any hour.
report-question =
    Somebody reported an answer of a coach in { $community }. They asked, without their name:

    { $question }
report-answer =
    Reported was this answer:

    { $answer }

    { $coach }
still-waits =
    A note for you.

    You asked: “{ $question }”

    It still waits: no coach has answered yet. It has its place, and I'll bring you the answer when there is one. The help lines are there at any hour.
closed-unanswered =
    A note for you.

    You asked: “{ $question }”

    Two weeks have gone by, and no coach has answered. That is no word about you or your question, there were too few hands. I have closed it. You can ask again, and the help lines are there at any hour.
not-taken-back = In { $community } a message at { $place } should be gone, and the platform doesn't let me delete it. It may be an old one: please delete it there by hand, or give me the right to delete messages. I try again each day.

stats = Answers, as those who asked found them
stats-community = Community
stats-helped = It helped
stats-a-little = A little
stats-no = No
stats-unanswered = Never answered

block = Block
sure-block = For how long shall whoever asked be unable to ask here? Nobody learns who it is.
block-days = { $days } days
blocked-note = Whoever asked can ask nothing here for { $days } days.

# -- What whoever asked is told.

arrives-answer =
    There is a reply for you.

    You asked: “{ $question }”

    { $answer }

    { $coach }
arrives-back =
    There is a question for you.

    You asked: “{ $question }”

    A coach would like to know:
    { $answer }

    { $coach }
arrives-word =
    There is a word for you.

    You asked: “{ $question }”

    { $answer }

    { $coach }

    This question is closed now.
may-publish =
    There is a question for you.

    May this be published here, for everybody to read? Nobody is told that it was you, but somebody may guess. Nothing happens if you do nothing.

    “{ $question }”

    { $answer }
yes-publish = Yes, publish it
no-publish = No
publish-thanks = All right: it is not published.
publish-decided = That was answered before, or it is not here any more.
published =
    It will be published within two days. This code takes it down again, with /unpublish. It is shown this once, so keep it:

    { $code }
signed-by = { $name }, a coach of this community
signed-by-nobody = A coach of this community
ask-another = Ask a coach

kept-questions = What you asked the coaches, and what they answered.
kept-questions-asked = Asked
kept-questions-community = Whose coaches it was for
kept-questions-state = Where it stands
    .waiting = Waiting for an answer
    .answering = An answer is on its way
    .back = A coach has asked something back
    .answered = Answered
    .closed = Closed
kept-questions-text = Question
kept-questions-topic = Topic
kept-questions-alias = What the coaches called you
kept-questions-id = Number
kept-question_lines = What was said after your questions, by you and by the coaches.
    .file = answers
kept-question_lines-question = Number of the question
kept-question_lines-kind = What it is
    .further = You added
    .lost = You added, and it did not arrive
    .answer = An answer
    .back = Asked back
    .word = A word at the end
kept-question_lines-at = Written
kept-question_lines-name = Signed
kept-question_lines-text = Text
kept-drafts = A question that you have not sent yet.
    .file = draft
kept-drafts-text = Question
kept-drafts-topic = Topic
kept-drafts-urgent = To be seen first
kept-drafts-alias = What the coaches would call you
kept-drafts-follows = Number of the question it adds to
kept-blocks = Until when the coaches of a community take no questions from you. It outlives what is erased, and ends by itself.
    .file = pauses
kept-blocks-community = Community
kept-blocks-until = Until
kept-drafts-community = Whose coaches it is for
kept-drafts-id = Number
gone-questions = { $count ->
    [one] one question, here and at the coaches'
   *[other] { $count } questions, here and at the coaches'
 }
gone-drafts = a question you had not sent
kept-coach_counts = What your answers as a coach came to, for you alone.
    .file = coaching
kept-coach_counts-community = Community
kept-coach_counts-answers = Answers
kept-coach_counts-said-thanks = Thanked
kept-coach_counts-said-1 = It helped
kept-coach_counts-said-2 = A little
kept-coach_counts-said-3 = No
gone-coach_counts = what your answers as a coach came to
