# Projects from outside, built from scratch: what this build tree knows must not
# help them. All of them build the same program, and differ in how they come by
# the library.
set(consumer_dir ${CMAKE_CURRENT_BINARY_DIR}/consumer)
set(consumer_source_dir ${CMAKE_CURRENT_LIST_DIR})
set(consumer_toolchain ${consumer_dir}/toolchain.cmake)
configure_file(packaging/consumer/toolchain.cmake.in
  ${consumer_toolchain} @ONLY)

# toro_add_outside_test(<name> [MAKES <fixture>] [NEEDS <fixture>]
#                       [CLEANS <fixture>] COMMAND <command>...)
function(toro_add_outside_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MAKES;NEEDS;CLEANS" "COMMAND")
  add_test(NAME consumer.${name} COMMAND ${arg_COMMAND})
  set_tests_properties(consumer.${name} PROPERTIES
    TIMEOUT 600 LABELS consumer
    FIXTURES_SETUP "${arg_MAKES}"
    FIXTURES_REQUIRED "${arg_NEEDS}"
    FIXTURES_CLEANUP "${arg_CLEANS}")
endfunction()

# toro_add_library_build(<name> MAKES <fixture> OPTIONS <option>...
#                        [INSTALL_TO <dir> | TARGET <target>])
function(toro_add_library_build name)
  cmake_parse_arguments(PARSE_ARGV 1 arg
    "" "MAKES;INSTALL_TO;TARGET" "OPTIONS")
  toro_add_outside_test(${name} MAKES ${arg_MAKES}
    COMMAND ${CMAKE_COMMAND} -DTOOLCHAIN=${consumer_toolchain}
      -DSOURCE=${PROJECT_SOURCE_DIR} -DBINARY=${consumer_dir}/${name}
      -DINSTALL_TO=${arg_INSTALL_TO} -DTARGET=${arg_TARGET}
      -P ${consumer_source_dir}/build.cmake --
      -DTORO_BUILD_TESTS=OFF -DTORO_BUILD_EXAMPLES=OFF ${arg_OPTIONS})
endfunction()

# toro_add_consumer(<name> [NEEDS <fixture>] [PROJECT <dir>]
#                   OPTIONS <option>...)
function(toro_add_consumer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NEEDS;PROJECT" "OPTIONS")
  toro_add_outside_test(${name} NEEDS ${arg_NEEDS}
    COMMAND ${CMAKE_COMMAND} -DTOOLCHAIN=${consumer_toolchain}
      -DSOURCE=${consumer_source_dir}/${arg_PROJECT}
      -DBINARY=${consumer_dir}/${name}
      -DRUN=program
      -P ${consumer_source_dir}/build.cmake -- ${arg_OPTIONS})
endfunction()

find_program(TORO_PKG_CONFIG pkg-config)
mark_as_advanced(TORO_PKG_CONFIG)
if(NOT TORO_PKG_CONFIG)
  message(STATUS "No tests of toro.pc, which take pkg-config")
endif()

# toro_add_consumers_of(<fixture> <prefix> <kind>) finds the library of that
# kind, static or shared, as it is installed below a prefix.
function(toro_add_consumers_of fixture prefix kind)
  toro_add_consumer(${fixture}_find_package
    NEEDS ${fixture} OPTIONS -Dtoro_ROOT=${prefix} -DKIND=${kind})
  if(TORO_PKG_CONFIG)
    set(name ${fixture}_pkg_config)
    toro_add_outside_test(${name} NEEDS ${fixture}
      COMMAND ${CMAKE_COMMAND} -DTOOLCHAIN=${consumer_toolchain}
        -DSOURCE=${consumer_source_dir}
        -DBINARY=${consumer_dir}/${name} -DPREFIX=${prefix}
        -DPKG_CONFIG=${TORO_PKG_CONFIG} -DKIND=${kind}
        -P ${consumer_source_dir}/pkg_config.cmake)
  endif()
endfunction()

# toro_add_debian_test(<name> <kind> <what to do> <fixture>...)
function(toro_add_debian_test name kind do)
  toro_add_outside_test(${name} ${ARGN}
    COMMAND ${CMAKE_COMMAND} -DDO=${do}
      -DPACKAGES=${consumer_dir}/debian_${kind}_packages
      -DROOT=${consumer_dir}/debian_${kind}
      -P ${consumer_source_dir}/debian.cmake)
endfunction()

# toro_add_debian_tests(<kind> <option>...) packs the library, installs the
# packages, finds them, and removes them.
function(toro_add_debian_tests kind)
  set(installed debian_${kind})
  set(packed ${installed}_packages)
  toro_add_library_build(${packed} MAKES ${packed} TARGET package
    OPTIONS -DCMAKE_INSTALL_PREFIX=/usr ${ARGN})
  toro_add_debian_test(${installed}_install ${kind} install
    NEEDS ${packed} MAKES ${installed})
  toro_add_consumers_of(${installed} ${consumer_dir}/${installed}/usr ${kind})
  toro_add_debian_test(${installed}_remove ${kind} remove CLEANS ${installed})
endfunction()

find_program(TORO_DPKG_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(TORO_DPKG_SHLIBDEPS)
if(NOT TORO_DPKG_SHLIBDEPS)
  message(STATUS "No tests of the Debian packages, which take dpkg-dev")
endif()

# The sources, packed as for a release.
set(consumer_archive ${consumer_dir}/archive/toro-${PROJECT_VERSION}.tar.gz)
toro_add_outside_test(archive NEEDS static MAKES archive
  COMMAND ${CMAKE_CPACK_COMMAND} -B ${consumer_dir}/archive
    --config ${consumer_dir}/static_install/CPackSourceConfig.cmake)

foreach(kind static shared)
  set(option -DBUILD_SHARED_LIBS=$<STREQUAL:${kind},shared>)
  toro_add_library_build(${kind}_install MAKES ${kind}
    INSTALL_TO ${consumer_dir}/${kind} OPTIONS ${option})
  toro_add_consumers_of(${kind} ${consumer_dir}/${kind} ${kind})
  toro_add_consumer(${kind}_subdirectory
    OPTIONS -DFROM_DIRECTORY=${PROJECT_SOURCE_DIR} ${option} -DKIND=${kind})
  toro_add_consumer(${kind}_fetch_content NEEDS archive
    OPTIONS -DFROM_ARCHIVE=${consumer_archive} ${option} -DKIND=${kind})
  if(TORO_DPKG_SHLIBDEPS)
    toro_add_debian_tests(${kind} ${option})
  endif()
endforeach()

# As the README says.
if(NOT WIN32)
  toro_add_outside_test(readme_install
    COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
      -DBINARY=${consumer_dir}/readme_install
      -P ${consumer_source_dir}/readme_install.cmake)
endif()

# Shared objects that hide their symbols. (A static library that is installed
# is not compiled for shared objects.)
if(NOT WIN32)
  toro_add_consumer(hidden_static PROJECT shared_objects
    OPTIONS -DFROM_DIRECTORY=${PROJECT_SOURCE_DIR})
  toro_add_consumer(hidden_shared PROJECT shared_objects
    OPTIONS -DFROM_DIRECTORY=${PROJECT_SOURCE_DIR} -DBUILD_SHARED_LIBS=ON)
  toro_add_consumer(hidden_installed NEEDS shared PROJECT shared_objects
    OPTIONS -Dtoro_ROOT=${consumer_dir}/shared)
endif()

# Programs that are compiled in another way.
toro_add_consumer(cxx23
  OPTIONS -DFROM_DIRECTORY=${PROJECT_SOURCE_DIR} -DCMAKE_CXX_STANDARD=23)
toro_add_consumer(without_threads NEEDS static
  OPTIONS -Dtoro_ROOT=${consumer_dir}/static -DWITHOUT_THREADS=ON)
if(TORO_ASIO_INCLUDE_DIR)
  toro_add_consumer(other_asio NEEDS static
    OPTIONS -Dtoro_ROOT=${consumer_dir}/static
      -DASIO_INCLUDE_DIR=${TORO_ASIO_INCLUDE_DIR})
endif()
