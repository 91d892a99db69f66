# Put beside an answer where what was written may be a sign of danger: strong comes before it, soft after it. Nothing of
# what was written is repeated. The first sentence, and all of what is said to somebody who may be hurt at home, gives
# nothing away to whoever sees the phone. Have a crisis or abuse organisation look at any change.

strong-self =
    I'm glad you wrote that here, it sounds really heavy. I'm only a program, but there are people who can be with you in this: press the help lines below. You don't have to be sure that it is bad enough.

    If you might act on it now, call your local emergency number.
strong-abuse =
    Thank you for writing that here. I'm sorry it is like this: you are not to blame, and you decide what happens next. Behind the help lines below are people who know about it.

    If you are in danger now, call your local emergency number. If someone may look at this device, another one or a phone call is safer.
strong-other =
    It is good that you look out for them, and it is a lot to carry. You can ask them plainly how bad it is, and listen. The help lines below are for you as well: they know how to help someone else.

    If they might act on it now, call their local emergency number.
strong-own =
    I'm glad you wrote that here instead. It can be more than one person can hold, and feelings this strong do change. There are people you can say all of it to, also about what you are afraid you might do: press the help lines below.

    If someone could get hurt now, step away from where you are, and call your local emergency number.

# Where a coach of their community can be asked, after what is strong.
ask-coaches = Shall a coach see it, too? You see first what they would get, and nothing goes to them unless you send it. Nobody may be awake.
let-see = Let a coach see this

soft-self = That sounds heavy. If it ever gets more than you can hold, the help lines are there at any hour. If I misread you, leave this aside.
soft-abuse = That sounds hard to live with, and you don't have to sort it out alone. The help lines are there at any hour. If I misread you, leave this aside.
soft-other = It is good that you look out for them. The help lines are for you as well. If I misread you, leave this aside.
soft-own = That sounds like a lot to carry at once. You can say all of it to the people behind the help lines, at any hour. If I misread you, leave this aside.
