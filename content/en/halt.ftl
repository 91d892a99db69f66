# For whoever runs a place.

halt = Stop all thoughts and posts at once, and take no more questions.
resume_all = Let thoughts, posts and questions go on.

halted =
    Everything unasked has stopped: no daily thoughts, no posts, no new questions, for everybody here. What coaches answer still arrives, and help lines stay open.
halted-before = Everything has stopped already.
resume = Let it go on
resumed = It goes on. What was left out meanwhile is not made up for.
resumed-before = Nothing was stopped.
