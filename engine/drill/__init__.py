"""The drill: rings planted into a copy of somebody's data, to see which of them are caught.

A drill is a lake of its own, ``drills/<drill_id>`` below the lake, with one run in it: none of its
alerts, rings or files is among those of the lake, and deleting the folder deletes all of it.
"""
