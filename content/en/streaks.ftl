# The count, and what is said about a contact. What was held comes first; a zero is never shown; nothing here shames.

streak = Your days, and since when.
contact = Say that there was contact.
    .what = What happened
    .when = The day, if it was not today
history = What you logged, to be read and corrected.

what-start = It began to count
what-wrote = I wrote
what-answered = I answered
what-they_wrote = They wrote
what-looked = I looked at their profile
what-unavoidable = Unavoidable: children, work, court
what-visited = I went where they are
what-through = I sent word through someone
what-account = I wrote from a new account
what-aside = Set aside
more = More

ask-what = What happened?
lapse-held = { $held } of { $of } { $of ->
    [one] day
   *[other] days
 } held. That stays.
lapse-first = Thank you for saying so. Tomorrow counts.
frightening =
    They may be frightened. If they asked you to stop, more may be a crime. Stop here tonight.

    There are people who help those who fear what they may do next. They have heard it before, and you can call tonight.
afraid = I fear what I may do next
noted-they_wrote = Noted. What they do never touches your days. You don't have to answer tonight.
noted-looked = Noted. It doesn't touch your days. Be gentle with yourself about it.
noted-unavoidable = Noted. Some contact can't be avoided, and it costs nothing here.
noted-aside = Noted. Your days are set aside, so it costs nothing.
enough = Enough for tonight
good-night = That is enough for tonight. What you held, stays. Be kind to yourself until morning.
undo = Undo
undone = Taken back.
undone-before = That was taken back already.

why = What set it off?
ask-trigger = What set it off? Only you will see it.
choose-trigger = Choose what is nearest
trigger-lonely = Feeling alone
trigger-night = The night
trigger-alcohol = Alcohol
trigger-date = Their birthday, or a date
trigger-saw = Seeing them, or a photo
trigger-they_wrote = They wrote
trigger-anger = Anger
trigger-other = Something else
offer-plan = Kept. A plan helps when it comes again: one sentence, "When …, I will …".
have-plan =
    Kept. Your plan for that:
    When { $when }, I will { $will }.
make-plan = Make a plan
change-plan = Change it
plan-form = A plan for the next time
    .when = When …
    .will = I will …
plan-kept = Kept. When { $when }, I will { $will }.
remind = Remind me of it
change-reminder = Change the reminder
ask-hour = At which hour of yours shall your plan come back to you? At most one note a day comes from me.
at-hour = At { $hour }
choose-hour = Another hour
choose-days = On which days
every-day = Every day
no-reminder = Not at all
kept = Kept.
back-every = It comes back every day at { $hour }.
back-on = It comes back every { $day } at { $hour }, next on { $next }.
reminders-off = Just now /settings lets nothing come unasked, so it waits until you change that.
not-reminding = All right. The plan stays, and it doesn't come by itself.
plan-gone = That plan isn't here any more. After a contact you can make one, with /contact.
plan-back = You made a plan for this hour: when { $when }, I will { $will }.
helped = It helped
not-now = Not now
stop-reminding = Stop
it-helped = Good. That was you.
no-plan-now = All right. It is here for another time.
as-sentence = When { $when }, I will { $will }.
your-plan = Your plan: when { $when }, I will { $will }.

add-note = A private note
change-note = Change the note
remove-note = Remove the note
note-form = A note for you alone
    .note = What you want to remember of it
note-kept = Kept, for you alone.
note-removed = The note is removed.
your-note = Your note: { $note }

ask-last-contact = When were you last in contact?
today = Today
yesterday = Yesterday
another-day = Another day
begin_day-form = Your last contact
    .day = Which day? Like "5 days ago" or "18 Nov"
not-past = That day is not in reach: choose one up to today, like "5 days ago" or "18 Nov".
before-beginning = That is before your days begin. /history moves the beginning back; then it fits.

begins = Today is where it begins. Tomorrow is day 1.
days = Day { $days }. The last contact was on { $since }.
days-anew = Day { $days } of this stretch, since { $since }.
aside = Set aside since { $since }. Your numbers are kept.
held = { $held } of { $of } { $of ->
    [one] day
   *[other] days
 } held in all.
best = Your longest stretch: { $best } { $best ->
    [one] day
   *[other] days
 }.
next = Next milestone: day { $days }.
not-checking = Without looking at their profile: { $days } { $days ->
    [one] day
   *[other] days
 }.
not-checking-begins = Without looking at their profile: tomorrow is day 1.
log-contact = There was contact
urge = I want to text them
thought = Today's thought
ledger = What I logged
count-again = Count again

as-picture = As a picture
card = For you alone.
card-dark = Dark
card-light = Light
card-discreet = Without words
card-today = Today
card-begins = it begins
card-unit = { $days ->
    [one] day
   *[other] days
 }
card-days = { $days ->
    [0] Today it begins.
    [one] One day.
   *[other] { $days } days.
 }
calendar-held = held
calendar-contact = contact
calendar-unknown = unknown
calendar-unavoidable = unavoidable
calendar-before = before
calendar-aside = set aside

entries = What you logged, the newest first:
choose-entry = Open one
title = { $day }: { $what }
title-because = { $day }: { $what } ({ $trigger })
newer = Newer
older = Older
move-beginning = Move the beginning
was-else = It was something else
other-day = It was another day
ask-day = Which day was it?
move_day-form = The day it was
    .day = Which day? Like "5 days ago" or "18 Nov"
changed = It says now: { $entry }.
delete = Delete
deleted = Deleted. Until this time tomorrow you can have it back.
restored = It is back.
to-entry = Show the entry
to-history = What I logged
entry-gone = That one isn't there any more. /history shows what is.

kept-contacts = What you logged: when it began to count, and every contact.
    .file = days
kept-contacts-kind = What
    .start = { what-start }
    .wrote = { what-wrote }
    .answered = { what-answered }
    .they_wrote = { what-they_wrote }
    .looked = { what-looked }
    .unavoidable = { what-unavoidable }
    .visited = { what-visited }
    .through = { what-through }
    .account = { what-account }
    .aside = { what-aside }
kept-contacts-day = Day
kept-contacts-at = Written down
kept-contacts-trigger = What set it off
    .lonely = { trigger-lonely }
    .night = { trigger-night }
    .alcohol = { trigger-alcohol }
    .date = { trigger-date }
    .saw = { trigger-saw }
    .they_wrote = { trigger-they_wrote }
    .anger = { trigger-anger }
    .other = { trigger-other }
kept-contacts-gone = Deleted within the last day
kept-contacts-id = Number of the entry
kept-notes = Your private notes at those entries. The number says which entry.
kept-notes-text = Note
kept-notes-before = The note before it, kept for a day
kept-notes-id = Number of the entry
kept-plans = What you mean to do the next time.
kept-plans-plans = What sets it off
    .lonely = { trigger-lonely }
    .night = { trigger-night }
    .alcohol = { trigger-alcohol }
    .date = { trigger-date }
    .saw = { trigger-saw }
    .they_wrote = { trigger-they_wrote }
    .anger = { trigger-anger }
    .other = { trigger-other }
kept-plans-when = When …
kept-plans-will = I will …
gone-contacts = { $count ->
    [one] one entry in your ledger
   *[other] { $count } entries in your ledger
 }
gone-notes = { $count ->
    [one] one private note
   *[other] { $count } private notes
 }
gone-plans = your plans for the next time
kept-plans-back_hour = Hour at which I remind you of it
kept-plans-back_days = On which days
    .every = every day
kept-plans-back_key = Number of the reminder
