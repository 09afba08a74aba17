"""What error texts say, shared by the checks that meet them: a pasted text, the API server's answer to a dry run.

A text is first read for its kind (who asked whom: `kinds`), and only then for what it says about that (`transport` and
each kind's own phrases). Texts of a kind that nobody declares are not read at all: misreading is worse than not
knowing.
"""
