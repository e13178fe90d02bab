"""What the pictures of the lessons have in common: an SVG that follows the light or dark scheme of its reader."""

from html import escape

_STYLE = """svg{background:#fff}
text{font:14px system-ui,sans-serif;fill:#1f2328;text-anchor:middle;dominant-baseline:central}
.text-orange{fill:#bc4c00}
.dot-blue{fill:#0969da}.dot-orange{fill:#bc4c00}
.left{text-anchor:start}.small{font-size:12px}.bold{font-weight:600}
.line{fill:none;stroke:#59636e;stroke-width:1.5}.thin{fill:none;stroke:#9aa4af;stroke-width:1}
.blue{fill:#b6d7ff;stroke:#0969da}.orange{fill:#ffd8a8;stroke:#bc4c00}.green{fill:#b4f1b4;stroke:#1a7f37}
.path-blue{fill:none;stroke:#0969da;stroke-width:2}.path-orange{fill:none;stroke:#bc4c00;stroke-width:2}
.path-green{fill:none;stroke:#1a7f37;stroke-width:2}
@media (prefers-color-scheme:dark){svg{background:#0d1117}
text{fill:#e6edf3}.text-orange{fill:#f0883e}.dot-blue{fill:#58a6ff}.dot-orange{fill:#f0883e}
.line{stroke:#9198a1}.thin{stroke:#59636e}
.blue{fill:#0d3868;stroke:#58a6ff}.orange{fill:#5a2a05;stroke:#f0883e}.green{fill:#0f3d1b;stroke:#3fb950}
.path-blue{stroke:#58a6ff}.path-orange{stroke:#f0883e}.path-green{stroke:#3fb950}}"""


def sheet(width: int, height: int, title: str, parts: list[str]) -> str:
    """The SVG file with these parts, one to a line."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    lines = [f'{head} role="img">', f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>", *parts, "</svg>"]
    return "\n".join(lines) + "\n"


def box(x: float, y: float, width: float, height: float, kind: str = "thin") -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" class="{kind}"/>'


def text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words)}</text>'


def dot(x: float, y: float, kind: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="4" class="{kind}"/>'


def line(points: list[tuple[float, float]], kind: str = "line") -> str:
    places = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline points="{places}" class="{kind}"/>'


def cell(x: float, y: float, side: float, words: str = "", kind: str = "thin") -> list[str]:
    """A square with its upper left corner at (x, y) and words in its middle."""
    return [box(x, y, side, side, kind), *([text(x + side / 2, y + side / 2, words)] if words else [])]


def arrow(x: float, y: float, to_x: float, to_y: float, kind: str = "line") -> list[str]:
    """A straight arrow."""
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    head = min(8, length)
    along, across = ((to_x - x) / length * head, (to_y - y) / length * head), 0.5
    wings = [
        (round(to_x - along[0] + side * across * along[1], 1), round(to_y - along[1] - side * across * along[0], 1))
        for side in (1, -1)
    ]
    return [line([(x, y), (to_x, to_y)], kind), line([wings[0], (to_x, to_y), wings[1]], kind)]
