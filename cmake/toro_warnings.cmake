# A target instead of directory-wide flags: what links it gets the warnings, and
# nothing else in the build does.
add_library(toro_warnings INTERFACE)
if(MSVC)
  target_compile_options(toro_warnings INTERFACE
    /W4 $<$<BOOL:${TORO_WERROR}>:/WX>)
else()
  target_compile_options(toro_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<BOOL:${TORO_WERROR}>:-Werror>)

  # libstdc++ 12 calls in stable_sort what it deprecates; Clang blames the caller.
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(toro_warnings INTERFACE
      -Wno-error=deprecated-declarations)
  endif()

  # Where g++ 12 inlines std::string, it sees overlaps that are none (PR 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
      AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(toro_warnings INTERFACE -Wno-restrict)
  endif()
endif()
