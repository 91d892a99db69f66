# The desk as a whole: its numbers, its reminders, how it is kept.

desk = For coaches: what waits, and how long answers take here.

waits = { $count ->
    [one] One question waits. It { $oldest }.
   *[other] { $count } questions wait. The oldest { $oldest }.
 }
nothing-waits = Nothing waits.
tips-wait = { $count ->
    [one] One tip waits to be looked at.
   *[other] { $count } tips wait to be looked at.
 }
weeks = How long first answers took, by the week they were given in:
week = From { $day }: { $count ->
    [one] one answer, { $half }
   *[other] { $count } answers, half { $half }, nine in ten { $most }
 }
within = { $hours ->
    [1] within an hour
    [48] within two days
    [72] within three days
    [999] after more than three days
   *[other] within { $hours } hours
 }
no-weeks = How long answers take is shown here once a week with answers is over.
alt = How long first answers took at this desk, week by week. { $weeks }
level = { $hours ->
    [48] 2 days
    [72] 3 days
    [999] longer
   *[other] { $hours } h
 }
half = half of the answers
most = nine in ten

own = Mine
mine = For coaches: what one's own answers came to.
mine-none = Nothing is counted for you yet. From your first answer on it is, for you alone.
mine-answers = { $count ->
    [one] One answer of yours has gone out
   *[other] { $count } answers of yours have gone out
 }{ $lately ->
    [0] .
    [one] , one of them this week.
   *[other] , { $lately } of them this week.
 }
mine-thanked = { $count ->
    [one] You were thanked once.
   *[other] You were thanked { $count } times.
 }
mine-rated = Whoever asked said: { $said }.
mine-rated-1 = { $count ->
    [one] it helped, once
   *[other] it helped, { $count } times
}
mine-rated-2 = { $count ->
    [one] a little, once
   *[other] a little, { $count } times
}
mine-rated-3 = { $count ->
    [one] no, once
   *[other] no, { $count } times
}
and = {"; "}
mine-last = Only you see this. Thanks and ratings come in a week later, ratings from { $enough } on, so that they are nobody's.
mine-forget = Forget these
mine-forgotten = They are forgotten. What you answer from now on is counted anew.

late-unclaimed = { $count ->
    [one] One question is nobody's yet. It { $oldest }.
   *[other] { $count } questions are nobody's yet. The oldest { $oldest }.
 }
late-unanswered = { $count ->
    [one] One question has no answer yet. It { $oldest }.
   *[other] { $count } questions have no answer yet. The oldest { $oldest }.
 }
evening =
    Good evening.
    { $what }
given-today = { $count ->
    [one] One was answered today.
   *[other] { $count } were answered today.
 } Thank you.
queue = What waits
over = This is over.

closed = Nothing was answered here for three days while somebody waits, so new questions aren't taken for now. What waits still waits: with the next claim or answer it opens again, or with this button.
closed-told = In { $community } the coaches have answered nothing for three days while somebody waits, so new questions aren't taken for now. It opens again with their next claim or answer, or when you say so.
closed-now = New questions aren't taken for now: nothing was answered here for three days. It opens again with the next claim or answer.
open-again = Take questions again
open-now = Questions are taken again.
open-already = Questions are taken.

rules = How the coaches' desk is kept
rule-jitter = Questions reach the desk { $value ->
    [0] at once, so that coaches see when they were asked
   *[other] at a random moment within { $value } minutes, urgent ones at once
 }.
rule-kept = Closed questions are destroyed { $value ->
    [0] at once
   *[other] after { $value } days
 }.
rule-unclaimed = A question that is nobody's: { $value ->
    [0] no reminder
   *[other] a reminder after { $value } hours
 }.
rule-unanswered = A question without an answer: { $value ->
    [0] no reminder
   *[other] a reminder after { $value } hours
 }.
menu-jitter = When questions reach the desk
menu-kept = How long closed questions are kept
menu-unclaimed = Remind of what is nobody's
menu-unanswered = Remind of what has no answer
option-jitter = { $value ->
    [0] At once
   *[other] Within { $value } minutes
 }
option-kept = { $value ->
    [0] Not at all
   *[other] { $value } days
 }
option-unclaimed = { $value ->
    [0] Never
   *[other] After { $value } hours
 }
option-unanswered = { $value ->
    [0] Never
   *[other] After { $value } hours
 }
