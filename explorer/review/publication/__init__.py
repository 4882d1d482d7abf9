"""One version of a set, its verdicts and evidence, as files to be read without the page."""
