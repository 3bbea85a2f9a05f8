include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(toro_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/toro)

# Two components, so that a program can be delivered without what builds it.
install(TARGETS toro EXPORT toro-targets
  RUNTIME COMPONENT toro_runtime
  LIBRARY COMPONENT toro_runtime NAMELINK_COMPONENT toro_development
  ARCHIVE COMPONENT toro_development
  FILE_SET HEADERS COMPONENT toro_development)
install(TARGETS toro_testing EXPORT toro-targets
  ARCHIVE COMPONENT toro_development
  FILE_SET HEADERS COMPONENT toro_development)
install(EXPORT toro-targets NAMESPACE toro:: DESTINATION ${toro_package_dir}
  COMPONENT toro_development)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/toro-config.cmake.in
  ${PROJECT_BINARY_DIR}/toro-config.cmake
  INSTALL_DESTINATION ${toro_package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/toro-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/toro-config.cmake
  ${PROJECT_BINARY_DIR}/toro-config-version.cmake
  DESTINATION ${toro_package_dir} COMPONENT toro_development)

# For whoever does not use CMake. The prefix is found from where the file lies,
# so that what is installed can be moved; a directory that was given as an
# absolute path stays as it is.
if(NOT MSVC)
  file(RELATIVE_PATH toro_pc_to_prefix
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  cmake_path(APPEND toro_pc_includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
  cmake_path(APPEND toro_pc_libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
  foreach(toro_module toro toro-testing)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${toro_module}.pc.in
      ${PROJECT_BINARY_DIR}/${toro_module}.pc @ONLY)
  endforeach()
  install(FILES ${PROJECT_BINARY_DIR}/toro.pc ${PROJECT_BINARY_DIR}/toro-testing.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT toro_development)
endif()

# gdb loads the printers by itself with a shared library, from where it looks for
# what belongs to a file of that name.
set(toro_printers ${PROJECT_SOURCE_DIR}/src/gdb/toro_printers.py)
install(FILES ${toro_printers}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/toro COMPONENT toro_development)
if(BUILD_SHARED_LIBS AND NOT WIN32)
  install(FILES ${toro_printers}
    DESTINATION
      ${CMAKE_INSTALL_DATADIR}/gdb/auto-load${CMAKE_INSTALL_FULL_LIBDIR}
    RENAME $<TARGET_FILE_NAME:toro>-gdb.py COMPONENT toro_development)
endif()

# Apart, because a Debian package states the license in a way of its own.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT toro_license)
