"""xl_addin: distribute a yearly task table, collect the returned workbooks, recompute totals."""

__version__ = "0.6.0"
