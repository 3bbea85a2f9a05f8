# Proves that only the public part of Asio is used:
# cmake -DROOT=<repository> -P no_asio_detail.cmake
#
# The macro for handler tracking is documented, but its header lies in detail.

set(allowed_file include/toro/detail/compat.hpp)
set(allowed_line "^#include <boost/asio/detail/handler_tracking\\.hpp>$")

file(GLOB_RECURSE files
  ${ROOT}/include/*.hpp ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp)
set(bad "")
foreach(f IN LISTS files)
  file(RELATIVE_PATH rel ${ROOT} ${f})
  file(STRINGS ${f} lines REGEX "asio::detail|asio/detail/")
  foreach(l IN LISTS lines)
    if(NOT (rel STREQUAL allowed_file AND l MATCHES "${allowed_line}"))
      list(APPEND bad "${rel}: ${l}")
    endif()
  endforeach()
endforeach()
if(bad)
  list(JOIN bad "\n  " text)
  message(FATAL_ERROR "private parts of Asio are used:\n  ${text}")
endif()
