//! The source of the c-ares C library, and how it is compiled.
