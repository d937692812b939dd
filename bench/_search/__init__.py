"""What `./dev bench search` is made of: a large corpus, people who ask, peers, and the measurements themselves."""
