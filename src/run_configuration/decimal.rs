//! Decimal numbers in texts: `-1`, `+.5`, `007`, `1e-4`. No blanks, no `_`, no names like `inf`.
//!
//! `serde_json` reads them: it is in the program anyway, where the standard library's reader brings tables of its own, a
//! twentieth of what the checker weighs on its way to a browser.

/// The double nearest to a number: infinite where it is too large for one. `None` for any other text.
pub fn read(text: &str) -> Option<f64> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_of_exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_number = are_digits(whole) && are_digits(fraction) && are_digits(digits_of_exponent);
    if !is_number || whole.len() + fraction.len() == 0 || digits_of_exponent.is_empty() {
        return None;
    }
    // JSON has no leading zeros, and digits on both sides of a point.
    let json =
        format!("{sign}{}.{fraction}0e{exponent}", Some(whole.trim_start_matches('0')).filter(|digits| !digits.is_empty()).unwrap_or("0"));
    // All that is wrong with it now is its size.
    Some(serde_json::from_str(&json).unwrap_or(if sign.is_empty() { f64::INFINITY } else { f64::NEG_INFINITY }))
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn numbers_are_what_the_standard_library_reads() {
        let numbers = [
            "0",
            "-0",
            "1",
            "+1",
            "007",
            "1.5",
            ".5",
            "5.",
            "-.5e3",
            "1e-4",
            "1E+4",
            "0.1",
            "9007199254740993",
            "1.7976931348623157e308",
            "4.9e-324",
            "2.2250738585072011e-308",
            "1e-400",
            "1e400",
            "-1e400",
            "0e999999999999",
            "123456789012345678901234567890.5",
        ];
        for text in numbers {
            let expected: f64 = text.parse().expect("a number");
            assert_eq!(read(text).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "", ".", "e5", "1e", "1 ", " 1", "1.5 ", "--1", "+-1", "-+1", "1-2", "0x10", "1_000", "inf", "nan", "1e5.0", "1.2.3", "1\n",
            "ten",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
