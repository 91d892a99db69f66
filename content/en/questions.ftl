# Questions to the coaches, and what coaches see.

ask = Ask the coaches something. They see your words, never who you are.
ask-form = Ask a coach
    .question = Your question. No names, no places
answer-form = Your answer
    .answer = It goes to the asker as you write it

no-desk = No coaches sit here yet, so a question would wait for nobody. The help lines are there at any hour.
halted = Questions are closed here for now: whoever runs this place has paused everything. The help lines are there at any hour.
broken = Questions can't reach the coaches just now; whoever runs this place can see why with /setup. The help lines are there at any hour.
which-coaches = Whose coaches would you like to ask?
coaches-of = The coaches of
coaches-here = Coaches
coaches-of-one = The coaches of { $name }
join-here-first = You haven't joined { $name } yet, so its coaches can't answer you.
enough-open = { $open } questions of yours are waiting. When one is answered, you can ask the next.
preview =
    { $coaches } will see only this:

    { $text }

    Names, places or numbers may give you away: look once more. They are volunteers, not therapists; it can take a day or more.
send = Send
edit = Edit
cancelled = All right, that's gone. Nothing was sent.
sent = It is with the coaches now, without your name. The answer will come to you in private.
sent-or-gone = That was sent already, or it is gone: a draft is kept for an hour.
written-gone = That isn't here any more, so there is nothing of it to show. /ask is there at any hour.
withdrawn = This question is not here any more.
not-here = This question is not here any more.
not-posted =
    There is news for you.

    You asked: “{ $question }”

    That could not reach the coaches, and none of them has read it. The fault is ours, not yours. Please ask again later; the help lines are there at any hour.

at-desk =
    A question

    { $text }
answer = Answer
answered-meanwhile = Someone has answered this meanwhile.
going-out = It goes out in { $seconds } seconds, signed: { $coach }.
undo = Undo
too-late = It has gone out already.
done =
    { $text }

    Answered:
    { $answer }

    { $fate }
fate-sent = Delivered.
fate-unreachable = They can't be reached now. The answer waits until they are back.
fate-dead = It could not be delivered. Whoever runs this place can see why.
fate-expired = It could not be delivered in time.
fate-unknown = It may or may not have arrived.

answer-arrives =
    There is a reply for you.

    You asked: “{ $question }”

    { $answer }

    { $coach }
signed-by = { $name }, a coach of this community
signed-by-nobody = A coach of this community
ask-another = Ask another

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
    .answer = An answer
    .back = Asked back
kept-question_lines-at = Written
kept-question_lines-name = Signed
kept-question_lines-text = Text
kept-drafts = A question that you have not sent yet.
    .file = draft
kept-drafts-text = Question
kept-drafts-topic = Topic
kept-drafts-community = Whose coaches it is for
kept-drafts-id = Number
gone-questions = { $count ->
    [one] one question, here and at the coaches'
   *[other] { $count } questions, here and at the coaches'
 }
gone-drafts = a question you had not sent
