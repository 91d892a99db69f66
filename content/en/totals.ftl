# What a community comes to, together. A zero is never shown, and nothing of one person alone.

community = What this community has held, together.

together = Together: { $what }.
and = {", "}
count-days = { $count ->
    [one] one day held
   *[other] { $count } days held
 }
count-urges = { $count ->
    [one] one urge waited out
   *[other] { $count } urges waited out
 }
count-answered = { $count ->
    [one] one question answered
   *[other] { $count } questions answered
 }
label-days = { $count ->
    [one] day held
   *[other] days held
 }
label-urges = { $count ->
    [one] urge waited out
   *[other] urges waited out
 }
label-answered = { $count ->
    [one] question answered
   *[other] questions answered
 }
not-yet =
    There is nothing to show yet. Numbers come on a Monday, once { $people } people have been here for a week, so that nobody can be read out of them.
