"""The ways to receive mails, a module each."""
