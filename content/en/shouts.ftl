# A milestone told to the community: in rough words, late, and under no name of theirs. It compares with nobody.

offer = If you like, the community hears of it: some days from now, in rough words, without your name.
tell = Let the community know
never = Don't ask me this
coming = As you chose, the community hears of it some days from now.
see = See it, or take it back

which = Which community shall hear of it?
choose = Choose one
preview =
    Between two and nine days from now, at an hour that tells nothing, { $community } will read this:

    { $text }

    It says neither who nor when. Until it is out you can take it back; then nothing here knows any more that it was you.
another = Another name
nameless = Without a name
take-back = Take it back
taken-back = Taken back. Nobody hears of it.
gone = That isn't waiting any more.
not-now = That can't be told just now: its day has passed, or there are too few in the community for it to stay nobody's.
stopped = All right, I don't ask any more. /settings changes that.

post = A small good thing: { $who } is { $past }. Be glad with them for a moment.
somebody = somebody here
past-7 = past a week
past-30 = past a month
past-90 = past three months
past-180 = past half a year
past-365 = past a year

kept-shouts = A milestone that the community is still to be told of, without your name.
    .file = milestone-to-tell
kept-shouts-name = The name it comes under
kept-shouts-milestone = Day
