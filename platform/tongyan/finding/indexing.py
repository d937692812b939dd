"""What the search is told by this feature: the words that mean the same."""

from tongyan.finding.services.synonyms import synonyms
from tongyan.kernel.searchables import register_synonyms

register_synonyms(synonyms)
