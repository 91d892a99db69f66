# Around the help lines; the lines themselves, with their sources, are in ../crisis.toml.

crisis = Help lines, at any hour.

first =
    I'm glad you looked here. I'm only a program, so I can't sit with you the way a person can, but these people can. You don't have to be sure that it is bad enough.

    If you are in danger now, call your local emergency number.
afraid-first =
    It takes something to say that. There are people who help those who fear what they may do to somebody; you can call before anything happens, and they have heard it before.

    If you might act on it now, step away from where they are, and call your local emergency number.
which = Where are you? I keep nothing of the answer.
pick = My country ({ $first } to { $last })
everywhere = Another country
keep-country = Keep this as my country
no-country = Which country are you in? Kept sealed, for help lines and nothing else: they are there at once then.
my-country = Help lines come for: { $country }. It is kept sealed, for nothing else.
drop-country = Keep no country
which-region = Some lines there serve one part of the country. Which one is yours?
pick-region = My part of the country
no-region = I'd rather not say
settings = Settings
unknown-country = I have no lines for that country. The directories know most of the world.

emergency = In danger now
suicide = Someone to talk to, also about ending your life
abuse = If someone hurts, controls or follows you
own_behaviour = If you are afraid of what you might do to someone

call = Call { $phone }{ $hours }
or = {" or "}
text = Text { $number }
text-keyword = Text { $keyword } to { $number }
collected = Collected on { $date } from public sources. If a number does not answer, try the next, or the emergency number.
