# find_package(c-ares): the targets c-ares::cares, which is the shared library,
# c-ares::cares_shared and c-ares::cares_static; and the variables that upstream's package sets.
include("${CMAKE_CURRENT_LIST_DIR}/c-ares-targets.cmake")

get_target_property(c-ares_INCLUDE_DIR c-ares::cares INTERFACE_INCLUDE_DIRECTORIES)
set(c-ares_LIBRARY c-ares::cares)
set(c-ares_SHARED_LIBRARY c-ares::cares_shared)
set(c-ares_STATIC_LIBRARY c-ares::cares_static)
