# What comes without being asked for. The first line gives nothing away on a lock screen.

first-line = A note, as you wanted.
veil = Something is here for you.
show = Show it
