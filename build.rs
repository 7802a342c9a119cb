//! Carries what `c-ares-sys` linked into the crate, for `c_ares::linked()`.

fn main() {
    for (name, metadata) in [
        ("C_ARES_VERSION", "DEP_CARES_VERSION"),
        ("C_ARES_LINKAGE", "DEP_CARES_LINKAGE"),
    ] {
        println!("cargo::rerun-if-env-changed={metadata}");
        let value = std::env::var(metadata).unwrap_or_else(|_| {
            panic!("c-ares-sys did not say {metadata}; is it the one of this release?")
        });
        println!("cargo::rustc-env={name}={value}");
    }
}
