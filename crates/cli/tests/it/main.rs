//! Runs the binary: what it says where it cannot do its work, and with which exit status.

mod config;
mod fixes;
mod formats;
mod linked;
mod manual;
mod place;
mod refused;
#[cfg(unix)]
mod robust;
mod since;
#[cfg(unix)]
mod stops;
mod verify;
#[cfg(unix)]
mod watch;
