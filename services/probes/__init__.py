"""What AWS cannot tell: whether the application itself answers, asked the way its users ask."""
