# Where the daily posts come, when, and of what: for whoever runs a community.

posts = Where the daily thought is posted, when, and what comes next.

read-in-private = Read yours in private

overview = { $name }: the daily posts
none = None yet.
add = Choose one to see what comes next and to change it, or choose a further place.
line = { $place }: { $when }{ $broken ->
    [yes] {" (something is off there)"}
   *[no] {""}
 }
each-day = every day at { $time }
each-week = { $days } at { $time }
menu-which = Choose one
menu-add = A further place
more = More of them
added = The daily thought is posted in { $place }.

place = { $place }
about-when = When: { $when } ({ $zone })
about-stages = About: { $stages }
about-talk = A question to talk about, below: { $talk ->
    [yes] where there is one
   *[no] no
 }
about-threads = Answers: { $threads ->
    [yes] in a thread of its own, where the place has threads
   *[no] wherever people write them
 }
broken =
    To mend there:
    { $what }
ahead = Next:
one-line = { $when }: { $title }
when = { $day }, { $time }
nothing-fits = Nothing in the thoughts is right for everybody and about that. Choose further stages.
menu-ahead = The next ones
menu-change = Change something
change-hour = The hour
change-days = The days of the week
change-stages = What it is about
change-zone = The clock
change-talk-on = With a question to talk about
change-talk-off = Without the question
change-threads-on = Open a thread below each
change-threads-off = Open no threads
change-remove = Post here no more
see = See it as it comes
back-all = All places
saved = Done.
mended = All is well there.
still = Something is still off.

ask-hour = At what hour? It is { $time } by the clock here.
zone-form = What time is it there?
    .where = A city, or what a clock there shows now
hour-set = In { $place } it comes at { $hour }.
ask-days = On which days? Press a day to change it.
ask-stages = What are they about? Press one to change it. Only thoughts that are right for everybody are posted: none that is for one side alone, and nothing heavy.
ticked = ✓ { $label }
one-day = One day has to stay. To end it: Post here no more.
one-stage = Then nothing would be left to post. Choose another one first, then take this one away.
ask-remove = Post in { $place } no more? What you chose for it is gone then.
remove-yes = Yes, no more
removed = Nothing is posted in { $place } any more.

comes = { $when }, in { $place }:
menu-hour = The hour
day-earlier = A day earlier
day-later = A day later
skip = Leave it out
another = Another thought
moved = It comes on { $when }.
skipped = Nothing comes on { $when }.
over = That moment is over. Choose a later one.
not-coming = That one is not to come any more: it is out, or the plan has changed. Type /posts to see what comes next.
no-such-place = Nothing is posted there any more. Type /posts to see where posts come.
other-platform = { $place } is on the other platform. Type /posts there to change it.
