"""Publication: one version of a set, its verdicts and what they rest on, as files to be read without the page."""

from explorer.review.publication.folder import Published, publication_zip, publish
from explorer.review.publication.gathering import gather, review_of
from explorer.review.publication.map_picture import Legend, MapPicture
from explorer.review.publication.publication import Publication, TableFacts

__all__ = [
    "Legend",
    "MapPicture",
    "Publication",
    "Published",
    "TableFacts",
    "gather",
    "publication_zip",
    "publish",
    "review_of",
]
