"""A page for a browser: the network as pyvis draws it, with all that it needs inside."""

from __future__ import annotations

from engine.explorer.export.marks import is_hollow, lines, marks, share
from engine.explorer.export.sheet import Sheet, text
from engine.explorer.picture import REST, legend_of, network_of
from engine.explorer.scene import Scene
from engine.network import RoleStyle, standalone_html, tooltip

#: Nothing may be asked for, whatever a name says: the browser itself refuses.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_STYLE = """
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font-family: system-ui, sans-serif; color: #101828; }
center { display: none; }
header { padding: 12px 16px 8px; }
header h1 { font-size: 18px; margin: 0 0 4px; overflow-wrap: anywhere; }
header p { font-size: 13px; margin: 0; color: #475467; overflow-wrap: anywhere; }
header ul { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px;
  margin: 6px 0 0; padding: 0; }
.card { flex: 1; min-height: 300px; }
#mynetwork { height: 100% !important; box-sizing: border-box; border: solid #d0d7e2 !important;
  border-width: 1px 0 0 !important; }
"""
#: A light rim keeps a name readable where lines pass behind it.
_FONT = {"size": 13, "strokeWidth": 3, "strokeColor": "#ffffff"}
_HINT = "The larger a mark, the riskier the account; the thicker a line, the larger the sum."


def page(scene: Scene, sheet: Sheet) -> str:
    """Return a scene as one HTML page that opens without a network."""
    network = network_of(scene)
    for node, mark in zip(network.nodes, marks(scene), strict=True):
        node.update(title=tooltip("\n".join(mark.lines)), font=_FONT, color=_colour(mark.style))
    for edge, line in zip(network.edges, lines(scene), strict=True):
        edge["width"] = round(line.width, 2)
        if line.lines:
            edge.update(title=tooltip("\n".join(line.lines)), color={"opacity": share(scene)})
    return _framed(standalone_html(network), scene, sheet)


def _colour(style: RoleStyle) -> dict[str, str]:
    if style is REST:
        return {"background": "#f1f4f9", "border": style.colour}
    inside = "#ffffff" if is_hollow(style) else style.colour
    return {"background": inside, "border": style.colour}


def _framed(html: str, scene: Scene, sheet: Sheet) -> str:
    """Put what the page says of itself round what pyvis made."""
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n    <head>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{text(sheet.title)}</title>"
    )
    framed = _once(html, "<html>\n    <head>", head)
    framed = _once(framed, "</head>", f"<style>{_STYLE}</style></head>")
    return _once(framed, "<body>", f"<body>\n{_header(scene, sheet)}")


def _header(scene: Scene, sheet: Sheet) -> str:
    told = "".join(f"<p>{text(line)}</p>" for line in (*sheet.lines, _HINT))
    roles = "".join(
        f'<li><span style="color: {style.colour}">{style.glyph}</span> {style.name} {count:,}</li>'
        for style, count in legend_of(scene).items()
    )
    return f"<header><h1>{text(sheet.title)}</h1>{told}<ul>{roles}</ul></header>"


def _once(html: str, found: str, put: str) -> str:
    """Replace the first of a text that pyvis writes; without it the page would not be whole."""
    if found not in html:
        raise ValueError(f"pyvis wrote no {found!r}")
    return html.replace(found, put, 1)
