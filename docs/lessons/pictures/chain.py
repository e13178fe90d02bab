"""A network: forward leaves a cache at each layer, backward uses it."""

from sheet import arrow, box, sheet, text


def svg():
    parts = []
    for number, name in enumerate(("conv1", "pool1", "fc1")):
        x = 120 + 150 * number
        parts += [box(x, 60, 90, 50, "thin"), text(x + 45, 85, name), *arrow(x - 55, 74, x - 5, 74, "path-blue")]
        parts += arrow(x - 5, 98, x - 55, 98, "path-orange")
        parts += [box(x + 12, 150, 66, 32, "blue"), text(x + 45, 166, "cache", "small")]
        parts += [*arrow(x + 30, 114, x + 30, 146, "path-blue"), *arrow(x + 60, 146, x + 60, 114, "path-orange")]
        parts += [text(x - 30, 58, f"x{number}", "small"), text(x - 30, 116, f"dx{number}", "small")]
    parts += [*arrow(515, 74, 565, 74, "path-blue"), *arrow(565, 98, 515, 98, "path-orange")]
    parts += [text(540, 58, "x3", "small"), text(540, 116, "dx3", "small")]
    parts += [text(590, 86, "loss", "bold"), text(36, 86, "clip", "bold")]
    parts += [*arrow(20, 212, 50, 212, "path-blue"), text(60, 212, "forward leaves a cache in each layer", "left")]
    parts += [*arrow(370, 212, 340, 212, "path-orange"), text(380, 212, "backward turns dy into dx with it", "left")]
    return sheet(640, 232, "Forward leaves a cache in each layer, and backward uses it", parts)
