# What CPack makes, from this project alone and not from one that contains it:
# Debian packages, by the preset `debian`, and an archive of the sources, by the
# target `package_source`.
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)

# The address of whoever publishes the packages belongs here; there is no other.
if(NOT CPACK_PACKAGE_CONTACT)
  set(CPACK_PACKAGE_CONTACT "Maintainers of toro <toro@packages.invalid>")
endif()

# The directory of the build is left out of the sources, and of what lies above
# nothing may be taken for it.
string(REGEX REPLACE "([][+.*?()^$|])" "\\\\\\1"
  toro_source_dir_regex ${PROJECT_SOURCE_DIR})
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES
  "^${toro_source_dir_regex}/build/"
  "^${toro_source_dir_regex}/\\.git(/|$)"
  /__pycache__/)

# Split as Debian has it: what builds a program, and what runs it. A static
# library is for building alone.
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL toro_development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/documents.cmake)

set(toro_debian_description
"Events, conditions, locks, semaphores and queues that wait without
blocking a thread: I/O objects of Boost.Asio for every completion token,
with deadlines.
")
set(CPACK_DEBIAN_TORO_DEVELOPMENT_PACKAGE_NAME libtoro-dev)
set(CPACK_DEBIAN_TORO_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_TORO_DEVELOPMENT_PACKAGE_DEPENDS
  "libboost${toro_boost_version}-dev | libboost-dev (>= ${toro_boost_version})")
set(CPACK_DEBIAN_TORO_DEVELOPMENT_DESCRIPTION
  "${toro_debian_description}This package is for building programs.")

if(BUILD_SHARED_LIBS)
  get_target_property(toro_soversion toro SOVERSION)
  set(CPACK_DEBIAN_TORO_RUNTIME_PACKAGE_NAME libtoro${toro_soversion})
  set(CPACK_DEBIAN_TORO_RUNTIME_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_TORO_RUNTIME_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_TORO_RUNTIME_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/cmake/debian/triggers)
  set(CPACK_DEBIAN_TORO_RUNTIME_DESCRIPTION
    "${toro_debian_description}This package is for running them.")
  set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
  list(APPEND CPACK_COMPONENTS_ALL toro_runtime)
  string(CONCAT CPACK_DEBIAN_TORO_DEVELOPMENT_PACKAGE_DEPENDS
    "libtoro${toro_soversion} "
    "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), "
    "${CPACK_DEBIAN_TORO_DEVELOPMENT_PACKAGE_DEPENDS}")
endif()

include(CPack)
