"""One version of a set, its verdicts and what they rest on, as files to be read without the page."""
