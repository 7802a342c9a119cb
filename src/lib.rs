//! Asynchronous DNS with the real c-ares C library.
