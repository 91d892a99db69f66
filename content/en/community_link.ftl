# Joining a group to a community on another platform.

community_link = Join a group on the other platform to this one.
enter-form = The code from the other side
    .code = Eight letters and digits

first =
    A Discord server and a Telegram group can be one community: one desk, the same coaches. One side makes a code, the other enters it, and then the first one says yes.
only-enter =
    Has a code been made in the other place, with /community_link there? Enter it here, and this group becomes part of that community: its coaches read what is asked here.
make-code = Make a code
have-code = I have a code
code =
    { $code }

    Type /community_link in the group that is to join, and enter this. It is good once, for an hour. Then I ask whoever set this up whether it is right.
confirm =
    This makes the group part of "{ $name }". { $responsible } answers for that. From then on, its coaches read what is asked here; if this group had coaches of its own, they no longer do.
yes-ask = Yes, ask them
asked = I have asked. Whoever runs "{ $name }" has an hour to say yes; /setup here shows when they have.
asks =
    There is a request.

    The group "{ $group }" asks to become part of "{ $name }". Its people would ask your coaches, and whoever administers it could change everything in /setup, as you can. Somebody who administers it entered your code.
not-alone = That group is already part of another community, or its coaches' own. It can't be joined to this one.
accept = Join them
refuse = No
left = Everything stays as it is.
joined = "{ $group }" is part of "{ $name }" now. /setup in that group chooses where its daily post goes, and shows how people join: an older link leads nowhere now.
no-such-code = That code isn't good any more, or it was never made. /community_link on the other side makes a new one.
same-place = That code was made for this very place. It is meant for the group that is to join it.
still-waiting = That group has questions that wait for its own coaches. Once those are answered, make a new code.
