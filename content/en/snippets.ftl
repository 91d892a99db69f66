# Passages that coaches have ready.

snippets = Passages to put into answers, and the teachings, by word.
    .words = A word or two that it is about
add-form = A passage for answers
    .title = What it is called here
    .text = The words that go into an answer
edit-form = Change the passage
    .title = What it is called here
    .text = The words that go into an answer

all = { $count ->
    [one] One passage is ready here. /snippets and a word finds the teachings too.
   *[other] { $count } passages are ready here. /snippets and a word finds the teachings too.
 }
none-yet = No passages are ready here yet. Add what you find yourselves writing again and again; /snippets and a word finds the teachings already.
found = This has your words in it:
nothing = No passage and no teaching has that word. Try another one, or add a passage.
passages = Passages
teachings = Teachings
add = Add a passage
edit = Edit
remove = Remove
back = Back
on = On
one =
    { $title }

    { $text }
sure = Remove “{ $title }”? No coach here can use it any more then.
yes-remove = Yes, remove it
keep = Keep it
removed = It is removed.
gone = That passage isn't here any more. /snippets shows those that are.
full = { $most } passages are here, which is as many as fit. Remove one first, then there is room.
