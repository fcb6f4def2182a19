//! The rules against their pages, against seeded faults and against large documents.

mod examples;
mod fixes;
mod pages;
mod probes;
mod registry;
mod size;
mod warm;
