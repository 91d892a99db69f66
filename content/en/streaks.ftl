# The count, and what is said about a contact. What was held comes first; a zero is never shown; nothing here shames.

streak = Your days, and since when.
contact = Say that there was contact.
    .what = What happened
    .when = The day, if it was not today

what-wrote = I wrote
what-answered = I answered
what-they_wrote = They wrote
what-looked = I looked at their profile
what-unavoidable = Unavoidable: children, work, court

ask-what = What happened? Only "I wrote" and "I answered" touch your days.
lapse-held = { $held } of { $of } { $of ->
    [one] day
   *[other] days
 } held. That stays.
lapse-first = Thank you for saying so. Tomorrow counts.
noted-they_wrote = Noted. What they do never touches your days. You don't have to answer tonight.
noted-looked = Noted. It doesn't touch your days. Be gentle with yourself about it.
noted-unavoidable = Noted. Some contact can't be avoided, and it costs nothing here.
enough = Enough for tonight
good-night = That is enough for tonight. What you held, stays. Be kind to yourself until morning.
undo = Undo
undone = Taken back.
undone-before = That was taken back already.

ask-last-contact = When were you last in contact?
today = Today
yesterday = Yesterday
another-day = Another day
begin_day-form = Your last contact
    .day = Which day? Like "5 days ago" or "18 Nov"
not-past = That day is not in reach: choose one up to today, like "5 days ago" or "18 Nov".

begins = Today is where it begins. Tomorrow is day 1.
days = Day { $days }. The last contact was on { $since }.
held = { $held } of { $of } days held in all.
best = Your longest stretch: { $best } { $best ->
    [one] day
   *[other] days
 }.
log-contact = There was contact
thought = Today's thought
