"""Small changes of the code and of the template, one at a time, to see whether a test notices: ``make mutate``.

rooms     what can be changed, and where
changes   changes of Python code
template  changes of the template
lines     which tests run which line
recording a plugin of pytest: how each test went
warm      a process that runs of tests are forks of
trying    one change tried against the tests that run it
results   what came of the changes that were tried
accepted  changes that mean nothing, with their reasons
"""
