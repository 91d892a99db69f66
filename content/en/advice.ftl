# What stands around a piece of advice. The pieces themselves are in advice/.

advice = Today's thought.
daily = One thought a day: at which hour, or not at all.
    .hour = The hour, 0 to 23, by your clock

try = Today: { $what }
drop-first-line = Your thought for today
read-in-private = Read yours in private
stop = Stop these

daily-menu = Choose an hour
daily-none = Not at all
daily-on = One thought a day, at { $hour } by your clock.
daily-off = No daily thought. /advice has one whenever you want it.
cannot-reach = I couldn't write to you last time. Please allow messages from this place in your privacy settings.

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
kept-readings-milestone = The last milestone you were told: since when, days, on which day
gone-readings = which thoughts you have had
