//! A number as messages show it.

use std::fmt;

/// A double in decimal, correct to about 15 digits, which is enough for a message. The standard library's code is
/// correct for every double, but takes a fifteenth of the module.
pub struct Decimal(pub f64);

/// From here on a number is shown with an exponent, because written out it would be very long.
const LARGE: f64 = 1e15;

/// Below this every integer is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The most decimal places that are shown.
const MAX_PLACES: usize = 15;

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0.abs();
        if self.0 < 0.0 {
            f.write_str("-")?;
        }
        if !number.is_finite() {
            return f.write_str(if number.is_nan() { "NaN" } else { "inf" });
        }
        if number < LARGE {
            return write_places(number, f);
        }
        let mut exponent = 0_u32;
        while number >= 10.0 {
            number /= 10.0;
            exponent = exponent.saturating_add(1);
        }
        // The divisions have left an error in the last digits.
        let mut mantissa = (number * 1e9).round() / 1e9;
        if mantissa >= 10.0 {
            mantissa /= 10.0;
            exponent = exponent.saturating_add(1);
        }
        write_places(mantissa, f)?;
        write!(f, "e{exponent}")
    }
}

/// Writes a number below [`LARGE`].
fn write_places(number: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (digits, places) = digits_and_places(number);
    let text = format!("{digits:0>width$}", width = places.saturating_add(1));
    match text.split_at_checked(text.len().saturating_sub(places)) {
        Some((whole, fraction)) if !fraction.is_empty() => write!(f, "{whole}.{fraction}"),
        _ => f.write_str(&text),
    }
}

/// The digits without the point, and how many of them come after it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive integer below `EXACT` is one of the type"
)]
fn digits_and_places(number: f64) -> (u64, usize) {
    let mut shown = (0, 0);
    let mut scale = 1.0;
    for places in 0..=MAX_PLACES {
        let digits = (number * scale).round();
        if digits >= EXACT {
            break;
        }
        shown = (digits as u64, places);
        // Both are exact, so the quotient is the double nearest to these digits.
        if digits / scale == number {
            break;
        }
        scale *= 10.0;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_the_standard_library_shows_them() {
        for number in [
            0.0,
            1.0,
            -1.0,
            404.0,
            600.5,
            -0.25,
            0.1,
            1.05,
            12.000_001,
            2_147_483_648.0,
            0.000_000_1,
            1e14,
            999_999_999_999_999.0,
            123_456.789,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            assert_eq!(Decimal(number).to_string(), number.to_string());
        }
        for number in [1e15, -1e15, 1e16, 2.5e20, 1e100, 1e300, 123_456_789e200] {
            assert_eq!(Decimal(number).to_string(), format!("{number:e}"));
        }
    }

    #[test]
    fn powers_of_ten() {
        for exponent in 15..=308 {
            let number: f64 = format!("1e{exponent}").parse().unwrap();
            assert_eq!(Decimal(number).to_string(), format!("1e{exponent}"));
        }
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(Decimal(0.1 + 0.2).to_string(), "0.300000000000000");
        assert_eq!(Decimal(1.0 / 3.0).to_string(), "0.333333333333333");
        assert_eq!(Decimal(123_456.789_012_345_67).to_string(), "123456.7890123457");
        assert_eq!(Decimal(f64::MIN_POSITIVE).to_string(), "0.000000000000000");
        assert_eq!(Decimal(f64::MAX).to_string(), "1.797693135e308");
    }
}
