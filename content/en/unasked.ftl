# What comes without being asked for. The first line gives nothing away on a lock screen.

first-line = A note, as you wanted.
veil = Something is here for you.
show = Show it
turns = At most one note a day comes by itself. Where two fall on one day they take turns, and the one that has to wait comes a day later.

kept-spoken = When something last came that you had not asked for.
    .file = last-note
kept-spoken-last = Day
