"""Error of a central difference against its step size, and the mistakes that a check with another dy or scale hides.

The quotient (s(x + h) - s(x - h)) / 2h differs from the gradient for two reasons. Truncation: the Taylor series of s
leaves h^2 s'''(x) / 6 and smaller terms, so that a step ten times smaller makes the error a hundred times smaller.
Rounding: s is computed to a relative precision eps, so that the difference carries an error of about eps |s|, which the
division by 2h makes larger the smaller h is. Together they form a V in axes that are both logarithmic.
"""
