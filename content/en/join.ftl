# Joining. The first tap is consent; before it nothing is kept.

join = Begin here, or see where you stand.

preview-operator = Whoever started this preview
consent =
    { $operator } runs this. It keeps your count, your stage and what you write, which can reveal your sex life or your health. All of it is sealed, though whoever holds the operator's key{ $platform ->
        [discord] , and Discord, can
        [telegram] , and Telegram, can
       *[other] {" can"}
    } read it. /forget erases it.
not-yet = Whoever runs this place has not finished setting me up. Please try again later.
not-there = You are not in "{ $name }" on this platform, so you can't join it. Nothing was kept.
nobody-here = Nobody has set me up here yet. Whoever runs this place can, with /setup.
consent-too =
    { $name } is another community, and { $operator } answers for it. If you join it as well, you can ask its coaches, too. Your days and your stage stay yours alone.
join-too = Join it, too
joined-too = You are in { $name }, too. When you ask something, you choose which coaches read it.
agree = I'm 18 or over, and I agree
under = Under 18
details = Details
too-young =
    Then this is not the right place yet, and that has nothing to do with you. Nothing was kept.
    There are people who are there for you tonight, free of charge, and you don't need to be sure that it is bad enough.

ask-whom = Which of these is yours?
whom-cheated = I cheated
whom-was_cheated_on = I was cheated on
whom-any = Something else
skip = Skip

ask-last = Last contact?
last-today = Today
last-yesterday = Yesterday
last-other = Another day
last-skip = Skip
last_day-form = Your last contact
    .day = Which day? Like "5 days ago" or "18 Nov"

ask-daily = One thought a day?
daily-morning = Morning
daily-evening = Evening
daily-no = No
proof = This is where I'll write to you.
stop = Stop these

no-count = No count yet: /streak begins one whenever you like.
here = It's { $time } by my clock. I'm here at any hour.
urge = I want to text them
thought = Today's thought
wrong-time = Wrong time?
