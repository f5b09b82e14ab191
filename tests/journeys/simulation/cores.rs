//! Keeps a story on one core: it and its SQLite speak in turns, and to wake another core costs a sixth of the time.

/// Keeps the calling thread, and threads that it starts from now on, on one of the cores that this process may use:
/// the `teller`th takes the next. Where the system does not let us, nothing differs but the time it takes.
#[cfg(target_os = "linux")]
pub fn keep_to_one(teller: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let Ok(ours) = sched_getaffinity(None) else { return };
    let count = ours.count().max(1) as usize;
    let Some(core) = (0..CpuSet::MAX_CPU).filter(|core| ours.is_set(*core)).nth(teller % count) else { return };
    let mut one = CpuSet::new();
    one.set(core);
    let _slower_then = sched_setaffinity(None, &one);
}

#[cfg(not(target_os = "linux"))]
pub fn keep_to_one(_teller: usize) {}
