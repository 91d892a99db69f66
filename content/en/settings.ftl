# What a member chose.

settings = What comes, what is counted, what counts first.
pause = Let nothing come unasked, until you say otherwise.
resume = Let it come again.

is-paused = What comes unasked: { $on ->
    [yes] paused
   *[no] as you chose it
 }
is-silent = Silent mode: { $on ->
    [yes] on, contacts alone are logged, with no check-ins and no reminders
   *[no] off
 }
is-discreet = Discreet mode: { $on ->
    [yes] on, what I send shows nothing of itself until you tap
   *[no] off
 }
is-not_checking = Days without looking at their profile: { $on ->
    [yes] counted, apart from the others
   *[no] not counted
 }
is-court_order = A court order: { $on ->
    [yes] there is one, and it goes before everything
   *[no] none
 }
is-quiet = Quiet hours: { $hours }
is-day_start = Your day begins at { $hour }
is-urge_wait = An urge is waited out for { $minutes } minutes
is-shout = Milestones told to the community, without your name: { $when ->
    [always] always
    [never] never
   *[ask] I ask each time
 }

is-where = What I send unasked comes to { $account }
on = { $platform ->
    [discord] Discord
    [telegram] Telegram
    [preview] the preview page
   *[other] another platform
 }
account = { $name }{ $here ->
    [yes] {" (this one)"}
   *[no] {""}
 }
account-numbered = { $name } { $number }{ $here ->
    [yes] {" (this one)"}
   *[no] {""}
 }
not-linked = That account isn't one of yours any more. /settings shows those that are.

switch = Switch one thing
silent_on = Silent mode: log contacts alone
silent_off = No silent mode
discreet_on = Discreet mode: show nothing until I tap
discreet_off = No discreet mode
not_checking_on = Count days without looking
not_checking_off = Don't count days without looking
court_order_on = There is a court order
court_order_off = There is no court order
ask-looked = When did you last look at their profile? It never touches your other days.
looked-today = Today
looked-yesterday = Yesterday
not-looked = Not since it began

change = Change one thing
choose-quiet = Quiet hours
choose-day_start = When your day begins
choose-urge_wait = How long to wait out an urge
choose-language = Language
choose-shout = Milestones told to the community
choose-where = Where it comes
about-quiet = Between which hours should nothing come that you did not ask for? What you chose an hour for comes all the same.
about-day_start = At which hour does a new day begin for you? Before it, the night still counts as the evening it began in.
about-urge_wait = How long after an urge should I come back?
about-language = Which language should I speak?
about-shout = Shall the community hear of your milestones? A week, a month, three months, half a year, a year: some days later, in rough words, without your name.
shout-ask = Ask me each time
shout-always = Always
shout-never = Never, and don't ask
about-where = Which of your accounts should I write to when something comes that you did not ask for just then? While I can't reach you there, it comes to another. What a coach answers comes where you asked.
hours = { $begin } to { $end }
minutes = { $minutes } minutes
back = Back
stop-all = Pause everything
go-on = Go on
change-zone = Time zone
change-daily = Daily thought
change-hard = Hard days
change-country = Country
paused = Nothing comes unasked now: no thoughts, no reminders. What coaches answer still arrives, and I'm here whenever you write. Your days go on.
resumed = It comes again, as you chose it.

kept-chosen = What you chose, where it is not as it is for everybody.
    .file = settings
kept-chosen-paused = Nothing comes unasked
kept-chosen-silent = Silent mode
kept-chosen-discreet = Discreet mode
kept-chosen-not_checking = Days without looking are counted
kept-chosen-court_order = There is a court order
kept-chosen-urge_wait = Minutes to wait out an urge
kept-chosen-quiet_from = Quiet from (hour)
kept-chosen-quiet_until = Quiet until (hour)
kept-chosen-country = Country, for help lines
kept-chosen-region = Part of the country, for help lines
kept-chosen-shout = Milestones told to the community
