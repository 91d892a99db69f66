# What this is, who runs it, and where its words come from.

about = What this is, who runs it, where its words come from.

text =
    Unsent keeps you company while you are not in touch with somebody you parted from: your count, a thought a day, and people to ask.

    I'm a program. I'm no therapist and no emergency service.
here = { $responsible } answers for it in { $community }.
machine = { $operator } runs the machine it is on.
words = { $credit }
words-of = { $name }: { $credit }
words-others = And: { $names }.
version = Version { $version }. Free software under the MIT licence: anybody may read how it is made, and run their own.
privacy = What is kept
