"""What is told to whom: the event catalogue, subscriptions, e-mail, chat and signed webhooks."""
