"""A scene as a file of its own: a page, a picture, a graph, or tables."""

from engine.explorer.export.graphml import graphml as graphml
from engine.explorer.export.page import page as page
from engine.explorer.export.png import png as png
from engine.explorer.export.sheet import Sheet as Sheet
from engine.explorer.export.svg import svg as svg
from engine.explorer.export.tables import account_table as account_table
from engine.explorer.export.tables import link_table as link_table
