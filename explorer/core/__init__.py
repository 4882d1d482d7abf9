"""What everything else uses: errors, cache, documents, atomic writes, number formats."""
