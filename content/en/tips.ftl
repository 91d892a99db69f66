# Tips: something that helped a member, for others. Coaches read it first, and may publish it as a post.

tip = Something that helped you, for others. No name goes with it.
tip-form = A tip for others
    .text = What helped you? No names, no places

no-desk = Tips can't be taken here just now: nobody sits at the coaches' desk who could read them. Keep yours, it is good that there is one.
halted = Tips are closed here for now: whoever runs this place has paused everything. Keep yours, it is good that there is one.
no-posts = There is no place here where a tip could be published. Whoever runs this place can choose one with /setup.
join-here-first = You haven't joined { $name } yet. Once you have, you can send its coaches a tip.
which = Which community is it for?
which-one = The community
blocked = The coaches here take nothing new from you for now. From { $day } on you can send tips again. Everything else here is yours as before.
enough = You have given { $most } tips today, thank you. Tomorrow there is room for more.

# What its writer sees before Send.
preview = { $coaches } will see only this:
cannot-be-out = { $why ->
    [phone] There is a phone number in it
    [email] There is an e-mail address in it
    [link] There is a link in it
    [handle] There is a name on another platform in it
    [meet] It offers to meet
   *[contact] It offers to be reached elsewhere
 }, and a tip with that can't be published.
preview-last = They may publish it, word for word. Nameless; your style may tell.
seen =
    What coaches see: your words, and that they are a tip. Not who you are, on which platform, in which language, or when exactly you wrote. They can't ask you anything back.

    What readers see, if it is published: your words, under nobody's name or under two words drawn for it, at an hour that is drawn as well.

    Once you have sent it I don't know any more that it was yours. The code you get is the only way to take it back.

    What this cannot hide: who you are in what you tell. Names, places, jobs, dates and your way of writing can be recognised, most of all where few people are. Whoever has read it can remember it, or take a picture.

    The platform we write on reads what stands in this chat. { $operator } runs me.
sent = Thank you, for whoever it will help. { $minutes ->
    [0] It goes to the coaches now,
    [one] It goes to the coaches within a minute,
   *[other] It goes to the coaches within { $minutes } minutes,
 } without your name. If they publish it, you will see it here some day soon; if not, it is destroyed after thirty days. I can't tell you which, since I don't keep whose it is.

    This code takes it back at any time, with /unpublish. It is shown this once, so keep it:

    { $code }

# At the desk.
desk-tip = A tip
publish = Publish
publish-alias = Publish with an alias
decline = Decline
another-name = Another name
back = Back
hold-back = Hold it back
how-it-looks = It comes out within two days, at an hour that is drawn, and looks like this:
may-give-away = It may give its writer away here: { $quotes }; I may have missed more.
name-taken = That name is out already, so here is another.
coming = It comes out within two days, under nobody's name.
coming-as = It comes out within two days, under the name { $name }.
waits-again = It waits for a decision again.
left-as-it-is = Left as it is.
decline-sure = Decline it? Then it is destroyed at once, here too. Its writer is told nothing, since nobody knows who that is.
decline-yes = Yes, decline it
declined = Declined, and destroyed.
gone = This tip is not here any more: it was declined or taken back, or its thirty days were over.
is-out = This tip is out already.
halted-here = Everything is paused here, so nothing can be published. It keeps for thirty days; /resume_all lets it go on.
no-posts-here = There is no place for posts here, so it can't be published anywhere. Whoever runs this place can choose one with /setup. It keeps for thirty days.
refused = { cannot-be-out }

# As everybody reads it.
post =
    A tip from { $who }:

    { $text }
send-one = Send a tip, too
post-gone = This was taken back by whoever had written it.

kept-tips = A tip that you have not sent yet. What you have sent is nobody's.
    .file = tip
kept-tips-community = Whose coaches it is for
kept-tips-text = Tip
gone-tips = a tip you had not sent
