//! Checks the declarations of `c-ares-sys` against the C headers.
