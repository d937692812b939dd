"""What others need for the same work: tantivy and SQLite's full-text search, given the same terms as our engines.

What tantivy does not do here: it takes any document that holds one of the terms (ours: a share of their weight), from
one field without weights (ours: title, author, tags), counts facets with their own filter set (ours: without), knows
neither sounds of titles nor typing errors in them, and its rarity of terms is that of all documents (ours: of those
one may see). The texts for the snippets are cut by our own code for both.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy

from bench._search.corpus import FACETS
from search_index import Document, Query
from search_index.analysis import analyse
from search_index.engine import Hits, Sort

HEAP = 256 << 20


class Tantivy:
    """The best embedded engine there is, from Rust."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index(_schema(), str(folder))
        self._schema: Any = self._index.schema
        self._writer: Any = None

    def put(self, documents: Iterable[Document]) -> None:
        """Add or replace documents, with one commit."""
        if self._writer is None:
            self._writer = self._index.writer(HEAP, 1)
        for document in documents:
            self._writer.delete_documents_by_term("id", document.id)
            self._writer.add_document(_entry(document))
        self._writer.commit()
        self._index.reload()

    def count(self) -> int:
        """Return how many documents there are."""
        number: int = self._index.searcher().num_docs
        return number

    def search(self, query: Query) -> Hits:
        """Answer a question: ids, total, counts of facets."""
        searcher = self._index.searcher()
        wanted = self._wanted(query)
        by = "date" if query.sort is Sort.NEWEST else None
        found = searcher.search(wanted, query.limit, count=True, order_by_field=by)
        counting = {name: {"terms": {"field": name, "size": 100}} for name in query.facets}
        counts = searcher.aggregate(wanted, counting) if counting else {}
        return Hits(
            ids=tuple(searcher.doc(place)["id"][0] for _, place in found.hits),
            total=found.count,
            facets={name: {each["key"]: each["doc_count"] for each in counts[name]["buckets"]} for name in counts},
        )

    def _wanted(self, query: Query) -> Any:
        must, should = tantivy.Occur.Must, tantivy.Occur.Should
        either = [(should, self._term("words", word)) for word in asked_words(query.text)]
        filters = [("audience", query.keys), *query.filters.items()]
        parts = [
            (must, tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, name, list(values)), 0.0))
            for name, values in filters
        ]
        return tantivy.Query.boolean_query([(must, tantivy.Query.boolean_query(either)), *parts])

    def _term(self, field: str, value: str) -> Any:
        return tantivy.Query.term_query(self._schema, field, value, index_option="freq")


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("audience", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_date_field("date", fast=True)
    return builder.build()


def _entry(document: Document) -> Any:
    entry = tantivy.Document(id=document.id, words=words_of(document))
    for key in document.audience:
        entry.add_text("audience", key)
    for name, value in document.facets.items():
        entry.add_text(name, str(value))
    entry.add_date("date", document.date)
    return entry


def asked_words(text: str) -> list[str]:
    """Return the pairs and words of a question."""
    return list(dict.fromkeys(word for part in text.split() for word in analyse(part).words))


def words_of(document: Document) -> str:
    """Return the pairs and words of a document, those of its names as often as they count with us."""
    parts = ((document.title, 6), (document.author, 4), (" ".join(document.tags), 3), (" ".join(document.about), 2))
    names = [word for text, times in parts for word in analyse(text).words * times]
    return " ".join(names + analyse(document.body).words)
