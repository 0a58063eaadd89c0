"""Searching lines that were read: words, regular expressions in linear time, fields, levels; and what lines look alike.

Pure. Nothing a person types and nothing a line holds makes it take longer than its length times the pattern's.
"""
