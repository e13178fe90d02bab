"""A network: forward leaves a cache at each layer, backward uses it."""

from sheet import arrow, box, sheet, text


def svg():
    parts = []
    for number, name in enumerate(("conv1", "relu1", "pool1", "fc1")):
        x = 120 + 150 * number
        parts += [box(x, 60, 90, 50, "thin"), text(x + 45, 85, name), *arrow(x - 55, 74, x - 5, 74, "path-blue")]
        parts += arrow(x - 5, 98, x - 55, 98, "path-orange")
        parts += [box(x + 12, 150, 66, 32, "blue"), text(x + 45, 166, "cache", "small")]
        parts += [*arrow(x + 30, 114, x + 30, 146, "path-blue"), *arrow(x + 60, 146, x + 60, 114, "path-orange")]
        parts += [text(x - 30, 58, f"x{number}", "small"), text(x - 30, 116, f"dx{number}", "small")]
    parts += [*arrow(665, 74, 715, 74, "path-blue"), *arrow(715, 98, 665, 98, "path-orange")]
    parts += [text(740, 86, "loss", "bold"), text(36, 86, "clip", "bold")]
    parts += [*arrow(120, 212, 150, 212, "path-blue"), text(160, 212, "forward leaves a cache in each layer", "left")]
    parts += [*arrow(480, 212, 450, 212, "path-orange"), text(490, 212, "backward turns dy into dx with it", "left")]
    return sheet(780, 232, "Forward leaves a cache in each layer, and backward uses it", parts)
