/* What c-ares uses of Apple's framework SystemConfiguration, for `cargo xtask
 * cross` alone: zig has no frameworks. Never part of a build for an Apple
 * system. */
#ifndef C_ARES_CROSS_SCNETWORKCONFIGURATION_H
#define C_ARES_CROSS_SCNETWORKCONFIGURATION_H

enum {
  kSCNetworkFlagsReachable                       = 1 << 1,
  kSCNetworkReachabilityFlagsConnectionOnTraffic = 1 << 3
};

#endif
