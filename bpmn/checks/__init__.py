"""The rules that a drawing must keep, one file for each kind."""
