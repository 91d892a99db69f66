# How a day is. A day without a check-in is unknown, and nothing is said about it.

checkin = Say how today is.
    .mood = How it is

ask = How is today?
mood-awful = Awful
mood-hard = Hard
mood-so-so = So-so
mood-okay = Okay
mood-good = Good
is-awful = awful
is-hard = hard
is-so-so = so-so
is-okay = okay
is-good = good
kept = { $mood ->
    [awful] Kept. Thank you for saying so. You don't have to carry today alone: there are people you can call, one tap away.
    [hard] Kept. Thank you for saying so. Be gentle with yourself today.
   *[other] Kept. Thank you.
 }
day = { $day }: { $mood }.
day-line =
    { $day }: { $mood }.
    “{ $line }”

add-line = Say more
change-line = Change the line
remove-line = Remove the line
line-form = A line about the day
    .line = For you alone
line-kept = Kept, for you alone.
line-removed = The line is removed.

last-days = The last days
last-are = What you said last, the newest first:
none-yet = Nothing yet. /checkin asks how today is.
back = Back

ask-each-day = Ask me each day
when-asked = When I'm asked
not-asked = I don't ask by myself. If you like, choose an hour, and I ask each day how it is.
asked = I ask each day at { $hour } by your clock, unless you have said it already.
choose-hour = Choose an hour
stop = Don't ask each day
paused = Everything unasked is paused, so it comes once you type /resume.

silent = Silent mode is on: contacts alone are logged, and there are no check-ins. /settings turns it off.
to-settings = Settings

kept-checkins = How your days were, as far as you said.
    .file = check-ins
kept-checkins-moods = How it was, from 1 (awful) to 5 (good)
kept-checkins-lines = Your line about it
kept-checkins-hour = Hour at which I ask
gone-checkins = what you said of your days
kept-checkins-day = Day
