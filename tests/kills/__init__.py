"""Kills: the web server and the worker are killed at every system call of a month's money, and nothing is lost.

processes.py starts them, traced.py kills them by strace, scenario.py says what people do and what must be true
then, points.py kills at one point and looks, __main__.py does it at all of them and prints how many there were.
"""
