//! Tells the tasks which machine they are compiled for.

fn main() {
    println!("cargo:rustc-env=HOST={}", std::env::var("TARGET").unwrap_or_default());
    println!("cargo:rerun-if-changed=build.rs");
}
