# What stands around a piece of advice. The pieces themselves are in advice/.

advice = Today's thought.
daily = One thought a day, or a week: at which hour, or not at all.
    .hour = The hour, 0 to 23, by your clock

try = Today: { $what }
drop-first-line = Your thought for today

is-helped = Helped
is-not = Not for me
another = Another
pause = Pause
piece-gone = That thought is not here any more. This is today's.
felt-helped = Noted: this one helped.
felt-not = Noted: not for you. There will be fewer like it.
enough = That is enough for one day, and today's stays right here. If you need something now, I have that too.
urge = I want to text them
again = Begin again

still-useful = Is this still of use to you? Whatever you say is right. If I don't hear from you it comes once a week from { $day } on.
each-day = Daily
each-week = Weekly
stop = Stop
slower = I don't want to be one more message that nobody asked for, so from now on it comes once a week, on { $day }. Any sign of you makes it daily again.
each-day-again = Daily again
ends = This is the last one that comes by itself. /daily begins it again whenever you like, and /advice has one at any hour. I wish you well.

daily-menu = Choose an hour
daily-none = Not at all
daily-on = One thought a day, at { $hour } by your clock.
daily-weekly = One thought a week, on { $day } at { $hour } by your clock.
daily-rhythm = Choose how often
every-day = Every day
every-week = Once a week, on { $day }
daily-off = No daily thought. /advice has one whenever you want it.
cannot-reach = I couldn't write to you last time. Please allow messages from this place in your privacy settings.

hard = Hard days
hard-about = Some dates are hard: a birthday, an anniversary. On a day that you name, and on the eve of it, the thought for today is about that. Nobody else sees them.
add-hard = Add a day
remove-hard = Remove one
back = Back
hard-full = { $most } days fit. Remove one first, then there is room.
hard_day-form = A day that is hard
    .day = Which day? Like "18 Nov"

milestone = { $days ->
    [one] One day. That was you.
   *[other] { $days } days. That was you, each of them.
 }
milestone-urges = { $count ->
    [one] One urge waited out since { $since }. That was you.
   *[other] { $count } urges waited out since { $since }. That was you.
 }

kept-readings = The daily thought: its hour, and which ones you have had, by their short names.
    .file = thoughts
kept-readings-hour = Hour at which it comes
kept-readings-day = Day of the last one
kept-readings-piece = The last one
kept-readings-had = All you have had
kept-readings-ended = The round of them that the last one ended
kept-readings-weekday = Day of the week on which it comes, if not each day (Monday is 0)
kept-readings-keeps = You answered that it is to come each day
kept-readings-at = When the next one is planned
kept-readings-on = Date of the next one
kept-readings-given = Date of the last one that came by itself
kept-readings-log = What came of the last ones
kept-readings-seen = Last day you were here, as known at the last one
kept-readings-silent = How many came on days you were not here
kept-readings-slow = Day of the week on which it comes since it met silence (Monday is 0)
kept-readings-told = What was said last to silence, and when
kept-readings-brought = The last one came by itself
kept-readings-opened = You asked for the last one
kept-readings-met = What the last one was chosen for
kept-readings-more = The others you had on that day
kept-readings-felt = What you said of them
kept-readings-hard = Dates that are hard for you
kept-readings-milestone = The last milestone you were told: since when, days, on which day
gone-readings = which thoughts you have had

# What `unsent stats` prints.
stats = What was given to members, and what they said of it
stats-piece = piece
stats-given = given
stats-helped = helped
stats-not_for_me = not for me
stats-deck = deck
