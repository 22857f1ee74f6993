"""Workbooks (.xlsx) as a stream of rows of text, for the formats that read them.

openpyxl reads what is small: the list of parts, the sheets, the styles. The rows are read here, because its
read-only mode holds all shared strings in memory, keeps an empty element for each row, and reads a sheet
whose dimension is not written down twice.
"""
