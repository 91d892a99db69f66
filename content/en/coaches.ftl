# Who answers here, and under which names.

coaches = The names of the coaches here.
sign = For coaches: the name under your answers.
    .name = A first name or a made-up one, never your account's

signed = Your answers are signed { $name }. Everybody here can see that name under /coaches.
unsigned = Your answers are signed "A coach of this community". /sign and a name changes that.
unsign = Sign as nobody in particular
odd = A name is made of words: letters and figures, spaces, an apostrophe or a hyphen between them. No links, no @.
taken = { $name } is taken by another coach here. Please choose one that can be told apart.

here =
    Answers here come from:
    { $names }
nobody = The coaches here have given no names. Their answers are signed "A coach of this community".
never-first = No coach will ever message you directly. Whoever does is not one of ours: please tell whoever runs this place.

kept-signatures = The names under your answers as a coach.
kept-signatures-signatures = Name
gone-signatures = the name under your answers
