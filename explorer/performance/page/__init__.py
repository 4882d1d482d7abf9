"""The Performance view of the Models tab."""
