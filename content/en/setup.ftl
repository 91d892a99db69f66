# Setting a community up: six steps, one thing at a time.

setup = Set me up here, see what stands, change one thing.

intro =
    Before you let me in here: people will write the most private things of their lives to me, some of them at their worst hour.

    What that asks of you: coaches you would trust with your own worst night, and who answer within a day or two; nobody who tries to find out who asks; somebody who answers for all this by name. If a question sounds like danger, a person has to be there, not only me.

    It takes six steps, about five minutes. You can stop after any of them and go on later with /setup.
start = I take that on
start-form = Who is responsible here?
    .operator = A name that members may know
    .contact = How to reach them: an address, a handle
who-form = Who is responsible here?
    .operator = A name that members may know
    .contact = How to reach them: an address, a handle
name-form = This community
    .name = What is it called?
zone-form = What time is it there?
    .where = A city, or what a clock there shows now

at-step = Step { $step } of 6.
again = You left off here.

who-set = { $responsible } is responsible. Everybody reads that before they agree to anything.

ask-desk =
    Where do your coaches sit? Questions arrive there, without names.

    { $platform ->
        [discord] A channel or a forum that only they can read, or a private thread. I have to be let in, too.
        [telegram] A group of theirs alone, with me in it as an administrator, so that I can take a question back when somebody withdraws it.
       *[other] A place that only they can read.
    }
menu-desk = Where the coaches sit
no-desk = No coaches here
desk-set = Questions go to { $place }.
desk-added = Questions go to { $place } now, and to { $others } as well. Where they should go to one of them alone: /setup, Where the coaches sit.
ask-further = They go to { $places } already. A place in another server or group is added; one in the same takes its place.
undesk = Not to { $place } any more
desk-none = Then nobody can ask questions here. The rest works without.
desk-one-way = Nobody can answer in { $place }: what is written there comes from the channel, and from nobody. Choose a group.
desk-open = Everybody in { $server } can read { $place }, and questions are for coaches alone. Take away the others' right to see it, or choose another place.

ask-coaches =
    Who are your coaches? Being able to read { $place } is not enough: I take answers only from those you name.

    { $platform ->
        [discord] Choose a role of the server where they sit, or name people one by one.
       *[other] Name them one by one.
    } To take somebody out again, choose them once more.
menu-role = A role
menu-coach = A person
coaches-now = { $role ->
    [yes] { $count ->
        [0] Whoever has the role is a coach.
        [one] Whoever has the role is a coach, and one person by name.
       *[other] Whoever has the role is a coach, and { $count } people by name.
    }
   *[no] { $count ->
        [0] Nobody is named yet.
        [one] One person is named.
       *[other] { $count } people are named.
    }
 }
role-set = That role it is.
coach-named = They are a coach now.
coach-not-in = They are a coach now, but they can't write in { $place } yet: let them in there.
coach-elsewhere = The coaches sit on the other platform: type /setup there to name them.
role-elsewhere = That role is of another server. Type /setup in the server where the coaches sit.
not-home = That is a place of your coaches' own. Choose one where the people of this community are.
coach-known = They are a coach already. Take them out?
coach-out = Take them out
coach-removed = They are no coach any more.
role-none = No role
go-on = Go on
closed-without = Nobody who was a coach can answer there, so questions are closed. Name somebody, then take questions again.
coaches-needed = Nobody could answer yet. Name at least one coach first.

ask-posts =
    Where should the daily thought be posted, for everybody to read? { $platform ->
        [telegram] The group itself is the right place.
       *[other] A channel for all is the right place.
    }
menu-posts = Where posts go
no-posts = No daily post
ask-hour = At what hour? It is { $time } by this community's clock.
menu-hour = The hour
wrong-time = Wrong time?
zone-set = It is { $time } there, then.

ask-article =
    Which article do the thoughts come from here: the daily ones, the posts, and what coaches find by word? It is { $name } now.

    Another one begins with the next thought. Whoever belongs to several communities that have different ones is sent the first in this list.
menu-article = The article
article-set = People read { $name } now.
no-article = That article is not there any more. Type /setup and choose another one.

cannot-tell = I couldn't ask the platform about that place just now. Please try again in a minute.
not-there = I can't see that place: it is gone, or I'm not in it. Let me in there first, then choose it again.
not-yours = You don't run that place. Only somebody who does can choose it.
elsewhere = That belongs to another community already, so it can't be used here. Please choose another place.
still-off =
    In { $place } these are still off:
    { $what }
broken-at =
    To mend in { $place }:
    { $what }

all-set = Everything I need is switched on.
not-all-set = { $platform ->
    [discord] The switches are in Edit Channel, Permissions.
    [telegram] The switches are in the group's settings, Edit.
   *[other] {""}
 } Switch them on and check again, or go on: I look again by myself.
check-again = Check again
go-anyway = Go on

ask-open = That's all I need to know. A test post is seen by you alone. Once you open, people can join{ $questions ->
    [yes] {" and ask questions"}
   *[no] {""}
 }.
test = See a test post
test-first = Only you see this. A daily post looks like this:
open = Open
opened = It's open.
join-command = In { $server } people type /join.
join-link =
    In { $server } people open this link; pin it where everybody finds it:
    { $link }
later = /setup shows at any time what stands and what is broken. /halt stops everything at once. /community_link joins a group on the other platform to this one.

overview = { $name }
line-responsible = Responsible: { $responsible }
line-desk = Coaches' desk: { $place }
line-no-desk = Coaches' desk: none
line-coaches = Coaches: { $role ->
    [yes] whoever has the role{ $count ->
        [0] {""}
       *[other] , and { $count } named
    }
   *[no] { $count } named
 }
line-posts = Daily posts: { $places }{ $more ->
    [0] {""}
   *[other] , and { $more } more
 }
line-no-posts = Daily post: none
line-clock = The clock here: { $time }
line-asks = Questions: { $asks ->
    [open] open
    [halted] closed, everything is halted
    [broken] closed until the desk works again
    [silent] closed, the coaches have not answered for three days
   *[closed] closed
 }
line-weekly = The totals, once a week: { $weekly ->
    [yes] posted
   *[no] not posted
 }
line-article = Article: { $name }
article-gone = The article chosen here, “{ $chosen }”, is not there any more, so people read { $name }. Choose another below, or ask whoever runs this Unsent to put it back.
menu-change = Change one thing
change-who = Who is responsible
change-name = The name
change-desk = Where the coaches sit
change-coaches = Who the coaches are
change-rules = How the desk is kept
change-posts = The daily posts
change-clock = The clock
change-asks_open = Take questions
change-asks_close = Take no more questions
change-weekly_on = Post the totals each week
change-weekly_off = Don't post the totals
change-article = Which article
change-test = See a test post
change-join = How people join
tell = Write it
back = Back
saved = Done.
no-desk-to-open = Without a desk nobody would read the questions. Choose where the coaches sit first.

kept-set_up = The communities you set up, and are told about when something breaks.
    .file = set-up
kept-set_up-set_up = Community
kept-places = The places that you chose, and are told about when something breaks there.
    .file = places
kept-places-places = Place
kept-coaches = The communities you were named as a coach of.
    .file = coach-of
kept-coaches-coaches = Community
gone-places = that you are told when something breaks at a place you chose
gone-set_up = that you are told when something of a community breaks
gone-coaches = that you are a coach
