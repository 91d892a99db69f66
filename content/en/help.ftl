# The list of commands.

help = What I can do.
first = I keep your days, give you one thought a day, and carry your questions to people, without your name.
for-anyone = For anyone
for-members = For you, once you have joined
for-coaches = For coaches
for-owners = For whoever runs this place
