"""The files of the web bucket; `@NAME@` is filled in for each release."""
