"""What is seen of a run while it goes on, and the sessions that drive training runs."""
