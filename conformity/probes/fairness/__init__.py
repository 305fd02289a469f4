"""Are people in different groups treated differently? Answered from one joint tally per table."""
