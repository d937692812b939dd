"""The curriculum: seed, tree, tending, editions, proposals."""
