"""What a person keeps of searching (saved searches, what was opened last), and the words that mean the same."""
