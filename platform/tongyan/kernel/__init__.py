"""The ground under every feature: database, facts, jobs, files, rights, audit."""
