"""Who may reach what: every route and every socket event, played by everybody."""
