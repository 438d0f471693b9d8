//! How long runs took, and what is usual among many.

use crate::{model::status::ExecutionStatus, server::time::Timestamp};

/// Seconds that a run took which succeeded.
pub fn seconds(status: ExecutionStatus, start: Option<Timestamp>, end: Option<Timestamp>) -> Option<f64> {
    status.is_successful().then_some(())?;
    Some(end?.seconds_since(start?))
}

/// The value that half of the values do not exceed; between the two in the middle where there are two.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value below which a share of the values lies, between its neighbours by how near it is to each.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&[9.0, 1.0, 4.0, 5.0]), Some(4.5));
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        let values: Vec<f64> = (0..=10).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.9), Some(9.0));
        assert_eq!(quantile(&[1.0, 2.0], 0.9), Some(1.9));
        assert_eq!(quantile(&[7.0], 0.9), Some(7.0));
    }
}
