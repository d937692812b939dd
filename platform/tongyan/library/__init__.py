"""The shared library: resources, their files, uploads, and what is made of a file (preview, pages, text)."""
