//! What this process has used, as Linux counts it. [`measure`](crate::measure) measures functions instead.

use std::fs;

/// The memory that this process has now, in bytes.
pub fn memory() -> u64 {
    status("VmRSS:")
}

/// The most memory that this process had, in bytes.
pub fn peak_memory() -> u64 {
    status("VmHWM:")
}

/// The time on a processor, of all threads, in seconds.
pub fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program is in brackets, and may have spaces.
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = fields.split(' ').skip(11).take(2);
    ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// The ticks of a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
