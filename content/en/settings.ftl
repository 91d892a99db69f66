# What a member chose.

settings = What comes, what is counted, what counts first.
pause = Let nothing come unasked, until you say otherwise.
resume = Let it come again.

is-paused = What comes unasked: { $on ->
    [yes] paused
   *[no] as you chose it
 }
is-not_checking = Days without looking at their profile: { $on ->
    [yes] counted, apart from the others
   *[no] not counted
 }
is-court_order = A court order: { $on ->
    [yes] there is one, and it goes before everything
   *[no] none
 }
is-wait = An urge is waited out for { $minutes } minutes
change-wait = How long to wait
minutes = { $minutes } minutes
change = Switch one thing
not_checking_on = Count days without looking
not_checking_off = Don't count days without looking
court_order_on = There is a court order
court_order_off = There is no court order
stop-all = Pause everything
go-on = Go on
change-zone = Time zone
paused = Nothing comes unasked now: no thoughts, no reminders. What coaches answer still arrives, and I'm here whenever you write. Your days go on.
resumed = It comes again, as you chose it.
