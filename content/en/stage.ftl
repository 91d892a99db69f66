# The road and its six stages.

stage = Where you stand on the road, and how to move.

name-reality = Facing it
name-apology = The one apology
name-space = Giving space
name-healing = Letting go
name-reached_out = They reached out
name-rebuilding = Rebuilding

is-reality = Facing it: just broken up
is-apology = The one apology: the talk is still ahead, or going on
is-space = Giving space: it is said, the quiet begins
is-healing = Letting go: in no contact, learning to stop waiting
is-reached_out = They reached out: they want to talk about us
is-rebuilding = Rebuilding: both have decided to try again

whom-cheated = I cheated
whom-was_cheated_on = I was cheated on
whom-any = Something else

here = You stand at "{ $stage }". Your daily thought is chosen for that{ $whom ->
    [cheated] , and for somebody who cheated
    [was_cheated_on] , and for somebody who was cheated on
   *[any] {""}
 }.
move = Stand somewhere else
change-whom = What happened was another thing
moved = You stand at "{ $stage }" now. Your numbers stay as they are.
moved-aside = You stand at "{ $stage }" now. Your days are set aside from today, with every number kept. That is neither a defeat nor a prize.
what-was-it =
    What happened? A practical message, a like or a birthday wish is kind or handy, and it is not this.
about-us = They said they want to talk about us
something-smaller = Something smaller
stay = Then you stand where you stood. You don't have to make anything of it tonight.
ask-back = Your days are set aside. Going there begins a new stretch, from today; what you held before stays. Shall it count again?
count-again = Yes, from today
stay-here = Not now
stayed = Then everything stays as it is.
court-order =
    There is a court order, and it goes before every stage: this one speaks of contact, so it stays closed while the order stands, whatever they may have said. Answering can count as contact too.

    If you think the order should change, that is a question for a lawyer, or for the office of the court that made it. /settings has the switch, should there be none any more.
undo = Undo
undone = Taken back: you stand at "{ $stage }", and your days are as they were.
undone-before = That was taken back already, or it is behind you: the last move can be taken back, for a day. You stand at "{ $stage }"; /stage moves you.
thought = Today's thought
days = Your days

kept-roads = Where you stand on the road, and whom it is for.
    .file = stage
kept-roads-stage = Stage
    .reality = { name-reality }
    .apology = { name-apology }
    .space = { name-space }
    .healing = { name-healing }
    .reached_out = { name-reached_out }
    .rebuilding = { name-rebuilding }
kept-roads-whom = Whose it is
    .cheated = I cheated
    .was_cheated_on = I was cheated on
    .any = Something else
kept-roads-last_id = Number of the last move
kept-roads-last_stage = Stage before that move, kept for a day
kept-roads-last_at = When you moved
kept-roads-last_turn_wrote = Numbers of the entries that the move wrote
kept-roads-last_turn_took_out = Numbers of the entries that the move took out
