"""What a person sees: one view a file. Only this room and the pages know Panel."""
