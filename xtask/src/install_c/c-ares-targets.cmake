# Where this folder really is: it may be reached through a link such as /lib.
get_filename_component(_c_ares_prefix "@CMAKE_PREFIX@" REALPATH)
get_filename_component(_c_ares_libdir "@CMAKE_LIBDIR@" REALPATH)

if(NOT TARGET c-ares::cares)
  add_library(c-ares::cares SHARED IMPORTED)
  set_target_properties(c-ares::cares PROPERTIES
    IMPORTED_LOCATION "${_c_ares_libdir}/@SHARED@"
    IMPORTED_SONAME "@SONAME@"
    INTERFACE_INCLUDE_DIRECTORIES "${_c_ares_prefix}/include")
endif()

if(NOT TARGET c-ares::cares_shared)
  add_library(c-ares::cares_shared INTERFACE IMPORTED)
  set_target_properties(c-ares::cares_shared PROPERTIES
    INTERFACE_LINK_LIBRARIES c-ares::cares)
endif()

if(NOT TARGET c-ares::cares_static)
  add_library(c-ares::cares_static STATIC IMPORTED)
  set_target_properties(c-ares::cares_static PROPERTIES
    IMPORTED_LOCATION "${_c_ares_libdir}/libcares.a"
    IMPORTED_LINK_INTERFACE_LANGUAGES C
    INTERFACE_INCLUDE_DIRECTORIES "${_c_ares_prefix}/include"
    INTERFACE_LINK_LIBRARIES "@SYSTEM_LIBS@")
endif()

unset(_c_ares_prefix)
unset(_c_ares_libdir)
