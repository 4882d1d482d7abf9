"""What everything else uses: errors, cache, documents, files that appear whole, numbers in words."""
