//! Raw bindings to the c-ares C library.
