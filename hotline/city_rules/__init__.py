"""The city's tables as files: departments, staff, duty list, limits, calendar and places, read, compared, imported
and undone."""
