"""The forms in which resources leave and enter the library: plain folders, Common Cartridge, sheets of metadata.

What is here knows files and words only, no rights and no rows: the services decide what may go out and what comes in.
"""
