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

here = You stand at "{ $stage }". Your daily thought is chosen for that.
move = Stand somewhere else
moved = You stand at "{ $stage }" now. Your numbers stay as they are.
what-was-it =
    What happened? A practical message, a like or a birthday wish is kind or handy, and it is not this.
about-us = They said they want to talk about us
something-smaller = Something smaller
stay = Then you stand where you stood. You don't have to make anything of it tonight.
thought = Today's thought
