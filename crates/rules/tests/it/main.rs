//! The rules against their pages, against seeded faults and against large documents.

mod examples;
mod pages;
mod registry;
mod size;
mod warm;
