# The urge to write to them, and the letters that were not sent. Nothing here promises that it fades.

urge = When you want to write to them: write it here instead.
letters = The messages you did not send.

urge-form = The message you don't send
    .letter = Write it here instead
kept = Kept, not sent. Back at { $time }.
waiting = You can wait this out. Back at { $time }.
once-more = Then once more, until { $time }. You have waited this long already.
another-thing = Another thing to do
thing-1 = Drink some water, slowly.
thing-2 = Open a window and stand at it until you feel the air.
thing-3 = Put the phone in another room and walk to the end of the street and back.
thing-4 = Call or write to somebody who likes you, about anything else.
thing-5 = Wash your face with cold water.
thing-6 = Name five things you can see, four you can hear, three you can touch.
thing-7 = Put on one song that has nothing to do with the two of you, and hear it to the end.
thing-8 = Tidy one drawer, only one.
thing-9 = Stretch your arms up, your shoulders back, and stay there for a minute.
thing-10 = Make yourself something warm to drink, and do only that.
thing-11 = Write down what you would tell a friend who felt like this.

# It comes with a circle that grows for four seconds and shrinks for six, and has to be enough without: not everybody
# sees it, or lets it move.
breathe = Breathe in while you count to four, out while you count to six. Ten times.
breathe-shows = A soft circle. It grows for four seconds: breathe in. It shrinks for six: breathe out.

back = Still there?
is-passed = It passed
is-still = Still here
is-sent = I sent it
passed = You waited it out. { $count ->
    [one] That is one, and it stays yours.
   *[other] That makes { $count }, and they stay yours.
 }
ridden = { $count ->
    [one] One urge waited out.
   *[other] { $count } urges waited out.
 }
settled-before = That one is behind you already.

want-to-write = I want to text them
no-letters = There is no unsent message here. Whatever you want to tell them can be written here instead.
letters-are = { $count ->
    [one] One message you did not send.
   *[other] { $count } messages you did not send.
 } They burn by themselves after thirty days, unless you keep them. None comes back to you unasked.
read = Read one
burn = Burn it
burn-all = Burn all
keep = Keep it
let-burn = Let it burn in thirty days
back-to-letters = Back
letter-gone = That one is gone.
burned-all = All of them are burned. What is not sent can't be used against you, and can't be taken the wrong way.

kept-urges = The urges to write, and what came of them.
kept-urges-at = When
kept-urges-fate = What came of it
    .waiting = Not said yet
    .passed = { is-passed }
    .sent = { is-sent }
kept-urges-id = Number
kept-letters = The messages you did not send.
kept-letters-at = Written
kept-letters-keep = Kept beyond thirty days
kept-letters-text = Message
kept-letters-id = Number
gone-urges = { $count ->
    [one] one urge to write
   *[other] { $count } urges to write
 }
gone-letters = { $count ->
    [one] one message you did not send
   *[other] { $count } messages you did not send
 }
