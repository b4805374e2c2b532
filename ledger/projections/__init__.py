"""The read side: books, which are tables derived from the log, and views, which are questions.

Books are a cache. They hold postings as they are known now, never the result of a burn-down, and
deleting them changes nothing but the time of the next answer.
"""
