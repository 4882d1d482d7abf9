"""What is served and started: pages, server, logins, the command line."""
