"""Mistakes in the three normalisations."""

from fernet.exercises.source import mistakes

_COLLECTED = "window_sum_adjoint(direct * x / D, self.size)"
_RESPONSE = "dx = direct - 2 * self.power * self.alpha * x * collected"
_H = "h = -2 * self.power * self.alpha * d * window_sum_adjoint(direct * x / D, self.size)"
_CONTRAST = "dx = direct + h - window_mean_adjoint(h, self.size)"

NORMALISATIONS = (
    *mistakes(
        "response",
        ("path through the divisor is missing", _RESPONSE, "dx = direct"),
        ("second term has the wrong sign", _RESPONSE, _RESPONSE.replace("direct -", "direct +")),
        ("the factor 2 of the second term", _RESPONSE, _RESPONSE.replace("2 * ", "")),
        ("alpha is missing", _RESPONSE, _RESPONSE.replace("self.alpha * ", "")),
        ("the factor power is missing", _RESPONSE, _RESPONSE.replace("self.power * ", "")),
        ("division by D is missing in the sum", _COLLECTED, "window_sum_adjoint(direct * x, self.size)"),
        ("not mirrored", "window_sum_adjoint(direct", "window_sum(direct"),
        (
            "x stands inside the sum",
            _COLLECTED,
            "window_sum_adjoint(direct * x / D * x, self.size)",
            "* x * coll",
            "* coll",
        ),
        ("only p = q is counted", _COLLECTED, "direct * x / D"),
        ("scale in place of alpha", _RESPONSE, _RESPONSE.replace("alpha", "scale")),
        ("dy stands outside the sum", _COLLECTED, f"dy * {_COLLECTED.replace('direct', 'D**-self.power')}"),
    ),
    *mistakes(
        "across",
        ("path through the divisor is missing", _RESPONSE, "dx = direct"),
        ("not mirrored", "before=self.size - 1 - self.size // 2", "before=self.size // 2"),
        (
            "only m = c is counted",
            "sum_along(direct * x / D, self.size, before=self.size - 1 - self.size // 2, axis=3)",
            "direct * x / D",
        ),
        ("dy x / D, where dy y / D belongs", "sum_along(direct * x / D", "sum_along(dy * x / D"),
        ("dy stands outside the sum", "sum_along(direct * x / D", "dy * sum_along(D**-self.power * x / D"),
    ),
    *mistakes(
        "contrast",
        ("path through the mean is missing", _CONTRAST, "dx = direct + h"),
        ("by n^2, not by n_p", _CONTRAST, "dx = direct + h - window_sum_adjoint(h, self.size) / self.size**2"),
        ("path through the mean has the wrong sign", _CONTRAST, _CONTRAST.replace("h -", "h +")),
        ("x outside the sum, where d belongs", _H, _H.replace("* d *", "* x *")),
        ("division by n_p is missing", _CONTRAST, "dx = direct + h - window_sum_adjoint(h, self.size)"),
        ("D is treated as a constant", _CONTRAST, "dx = direct"),
        ("divide by n_p before the sum", _CONTRAST, "dx = direct + h - window_mean(h, self.size)"),
        ("the factor 2 of h is missing", _H, _H.replace("2 * ", "")),
        ("division by D is missing in the sum", _H, _H.replace(" / D", "")),
    ),
)
