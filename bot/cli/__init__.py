"""The command line: the words of a shell in, text or one JSON document out."""
