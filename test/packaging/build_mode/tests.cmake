# The ways in which a program can set up Asio. Without precompiled header, since
# each is compiled in another way. (Most other tests are compiled with
# BOOST_ASIO_SEPARATE_COMPILATION.)
set(build_mode_dir ${CMAKE_CURRENT_LIST_DIR})

# toro_add_build_mode(<mode> [SOURCE <file>] [TEXTS <a,b,...>]
#                     [OPTIONS <option>...] [DEFINITIONS <definition>...])
function(toro_add_build_mode mode)
  cmake_parse_arguments(PARSE_ARGV 1 arg
    "" "SOURCE;TEXTS" "OPTIONS;DEFINITIONS")
  if(NOT arg_SOURCE)
    set(arg_SOURCE program.cpp)
  endif()
  set(program toro_build_mode_${mode})
  add_executable(${program} ${build_mode_dir}/${arg_SOURCE})
  target_link_libraries(${program} PRIVATE toro::toro toro_warnings)
  target_compile_options(${program} PRIVATE ${arg_OPTIONS})
  target_compile_definitions(${program} PRIVATE ${arg_DEFINITIONS})
  add_test(NAME build_mode.${mode}
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${program}>
      -DTEXTS=${arg_TEXTS} -P ${build_mode_dir}/run.cmake)
  set_tests_properties(build_mode.${mode}
    PROPERTIES TIMEOUT 300 LABELS build_mode)
endfunction()

# What the library tells Asio's handler tracking of its operations.
set(toro_tracked_names
  event::async_wait latch::async_wait latch::async_arrive
  barrier::async_arrive wait_group::async_wait wait_group::async_close
  task_group::async_join cancellation_source::async_wait
  condition::async_wait lock::async_acquire
  semaphore::async_acquire semaphore::async_wait rw_lock::async_acquire_read
  rw_lock::async_acquire_write queue::async_put queue::async_get
  queue::async_join queue::async_reserve queue::async_get_some
  queue::async_next queue::async_wait delay_queue::async_get
  async_result::async_get watch::async_next
  broadcast::async_put broadcast::async_get)

list(JOIN toro_tracked_names "," toro_tracked_names)
# Modes that have nothing to do with each other share a program.
toro_add_build_mode(handler_tracking_and_select
  DEFINITIONS BOOST_ASIO_ENABLE_HANDLER_TRACKING
    BOOST_ASIO_DISABLE_EPOLL BOOST_ASIO_DISABLE_EVENTFD
    BOOST_ASIO_DISABLE_KQUEUE BOOST_ASIO_DISABLE_VISIBILITY
    BOOST_ASIO_ENABLE_BUFFER_DEBUGGING
  TEXTS ${toro_tracked_names})
toro_add_build_mode(no_threads DEFINITIONS BOOST_ASIO_DISABLE_THREADS)
toro_add_build_mode(no_co_await DEFINITIONS BOOST_ASIO_DISABLE_CO_AWAIT)
toro_add_build_mode(old_language
  DEFINITIONS BOOST_ASIO_DISABLE_CONCEPTS BOOST_ASIO_DISABLE_CONSTEXPR
    BOOST_ASIO_DISABLE_CXX11_ALLOCATORS BOOST_ASIO_DISABLE_ENUM_CLASS
    BOOST_ASIO_DISABLE_VARIABLE_TEMPLATES)

# Warnings that users turn on. Not -Wnull-dereference of g++ 12, which Asio
# alone provokes where an any_io_executor is made.
set(toro_more_warnings -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  -Wsign-conversion -Wcast-align -Wdeprecated -Wextra-semi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND toro_more_warnings -Wuseless-cast -Wduplicated-cond
    -Wduplicated-branches -Wlogical-op)
else()
  list(APPEND toro_more_warnings -Wdocumentation)
endif()

if(NOT MSVC)
  toro_add_build_mode(no_exceptions OPTIONS -fno-exceptions)
  toro_add_build_mode(no_rtti_and_no_recycling OPTIONS -fno-rtti
    DEFINITIONS BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
  toro_add_build_mode(more_warnings_and_no_deprecated
    OPTIONS -Werror ${toro_more_warnings}
    DEFINITIONS BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TS_EXECUTORS)
  toro_add_build_mode(more_warnings_of_kit SOURCE kit.cpp
    OPTIONS -Werror ${toro_more_warnings})
  target_link_libraries(toro_build_mode_more_warnings_of_kit
    PRIVATE toro::testing)
  add_test(NAME build_mode.needs_cxx20
    COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
      -DCOMPILER=${CMAKE_CXX_COMPILER}
      -P ${build_mode_dir}/needs_cxx20.cmake)
  set_tests_properties(build_mode.needs_cxx20
    PROPERTIES TIMEOUT 600 LABELS build_mode)
endif()

# The files of a program leave out what one of them compiles. Without that one
# the program does not link.
add_library(toro_build_mode_compiled_once_objects OBJECT
  ${build_mode_dir}/program.cpp)
target_link_libraries(toro_build_mode_compiled_once_objects
  PUBLIC toro::toro PRIVATE toro_warnings)
target_compile_definitions(toro_build_mode_compiled_once_objects
  PUBLIC TORO_SEPARATE_COMPILATION)
add_executable(toro_build_mode_unlinked EXCLUDE_FROM_ALL
  $<TARGET_OBJECTS:toro_build_mode_compiled_once_objects>)
target_link_libraries(toro_build_mode_unlinked PRIVATE toro::toro)
add_test(NAME build_mode.unlinked
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --config $<CONFIG>
    --target toro_build_mode_unlinked)
set_tests_properties(build_mode.unlinked PROPERTIES
  TIMEOUT 300 LABELS build_mode RESOURCE_LOCK build_tree
  PASS_REGULAR_EXPRESSION "undefined (reference|symbol)[^\n]*toro::detail::core")
toro_add_build_mode(compiled_once SOURCE compiled_once.cpp
  DEFINITIONS TORO_SEPARATE_COMPILATION)
target_sources(toro_build_mode_compiled_once PRIVATE
  $<TARGET_OBJECTS:toro_build_mode_compiled_once_objects>)

toro_add_build_mode(entry_check SOURCE entry_check.cpp
  DEFINITIONS BOOST_ENABLE_ASSERT_HANDLER)
toro_add_build_mode(moved_from SOURCE moved_from.cpp
  DEFINITIONS BOOST_ENABLE_ASSERT_HANDLER)
toro_add_build_mode(blocking_check SOURCE blocking_check.cpp
  DEFINITIONS BOOST_ENABLE_ASSERT_HANDLER)

# The compiler warns of results that nobody looks at, and of nothing else.
if(NOT MSVC)
  set(toro_compiler_name GNU)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(toro_compiler_name Clang)
  endif()
  list(JOIN Boost_INCLUDE_DIRS "," toro_boost_includes)
  set(toro_compiler_includes ${PROJECT_SOURCE_DIR}/include
    ${TORO_ASIO_INCLUDE_DIR} ${toro_boost_includes})
  list(JOIN toro_compiler_includes "," toro_compiler_includes)
  add_test(NAME build_mode.discarded
    COMMAND ${CMAKE_COMMAND} -DCOMPILER=${CMAKE_CXX_COMPILER}
      -DNAME=${toro_compiler_name} "-DFLAGS=${CMAKE_CXX_FLAGS}"
      -DINCLUDES=${toro_compiler_includes}
      -P ${build_mode_dir}/discarded.cmake)
  set_tests_properties(build_mode.discarded
    PROPERTIES TIMEOUT 300 LABELS build_mode)

  # toro_add_refused(<file> REASON <regular expression> VARIANTS <a,b,...>)
  #
  # The variants of <file>.cpp do not compile, for this reason.
  function(toro_add_refused file)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "REASON;VARIANTS" "")
    add_test(NAME build_mode.${file}
      COMMAND ${CMAKE_COMMAND} -DSOURCE=${build_mode_dir}/${file}.cpp
        "-DREASON=${arg_REASON}" -DVARIANTS=${arg_VARIANTS}
        -DCOMPILER=${CMAKE_CXX_COMPILER} -DNAME=${toro_compiler_name}
        "-DFLAGS=${CMAKE_CXX_FLAGS} -DBOOST_ASIO_DISABLE_BOOST_COROUTINE"
        -DINCLUDES=${toro_compiler_includes}
        -P ${build_mode_dir}/refused.cmake)
    # Compiles several times, so it starts early.
    set_tests_properties(build_mode.${file}
      PROPERTIES TIMEOUT 300 COST 20 LABELS build_mode)
  endfunction()

  # Blocking on a strand_bound object.
  toro_add_refused(blocking_strand
    REASON "toro::blocking needs an object that is thread_safe"
    VARIANTS TORO_TEST_PLAIN,TORO_TEST_ADAPTER)
  # Asio without deferred operations.
  toro_add_refused(no_deferred REASON "toro needs asio::deferred"
    VARIANTS BOOST_ASIO_DISABLE_DECLTYPE,BOOST_ASIO_DISABLE_STD_TUPLE,BOOST_ASIO_DISABLE_VARIADIC_TEMPLATES)
  # A token that rethrows a null exception.
  toro_add_refused(yield_exception REASON "use as_tuple.yield"
    VARIANTS TORO_TEST_JOIN,TORO_TEST_DEADLINE,TORO_TEST_FOR_EACH)
endif()

# One unit with NDEBUG and one without, in both orders, since the linker takes
# the first of two inline functions. Optimised, so that some are inlined.
if(NOT MSVC)
  foreach(part IN ITEMS checked unchecked)
    set(program toro_build_mode_${part})
    add_library(${program} OBJECT ${build_mode_dir}/mixed_units.cpp)
    target_link_libraries(${program} PRIVATE toro::toro toro_warnings)
    target_compile_options(${program} PRIVATE -O2
      $<IF:$<STREQUAL:${part},checked>,-UNDEBUG,-DNDEBUG>)
  endforeach()
  foreach(order IN ITEMS "checked;unchecked" "unchecked;checked")
    list(TRANSFORM order PREPEND toro_build_mode_ OUTPUT_VARIABLE parts)
    list(TRANSFORM parts REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")
    list(GET order 0 first)
    add_executable(toro_build_mode_${first}_first ${parts})
    target_link_libraries(toro_build_mode_${first}_first PRIVATE toro::toro)
    add_test(NAME build_mode.${first}_first
      COMMAND toro_build_mode_${first}_first)
    set_tests_properties(build_mode.${first}_first
      PROPERTIES TIMEOUT 300 LABELS build_mode)
  endforeach()
endif()
