"""Reports for the file: an alert, or a run, as PDF that is the same to the byte when made again."""
