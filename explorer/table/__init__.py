"""The public Table: a source with its catalogue, profiles, selections and labels."""
