# For the whole build and not by target: the library, the tests and their
# precompiled header must agree.
if(TORO_SANITIZER)
  if(NOT TORO_SANITIZER MATCHES "^(address|undefined|address,undefined|thread)$")
    message(FATAL_ERROR
      "TORO_SANITIZER is \"${TORO_SANITIZER}\"; "
      "it may be address,undefined or thread")
  endif()
  add_compile_options(-fsanitize=${TORO_SANITIZER} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TORO_SANITIZER})

  # Asio's fences are unknown to the thread sanitizer; g++ says so at each.
  if(TORO_SANITIZER STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)
  endif()
endif()
