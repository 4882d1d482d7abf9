"""Steps from one form of a store to the next, run by Alembic."""
