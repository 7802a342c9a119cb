//! A DNS server inside the process, for tests, examples and benchmarks.
