include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(toro_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/toro)

install(TARGETS toro EXPORT toro-targets FILE_SET HEADERS)
install(EXPORT toro-targets NAMESPACE toro:: DESTINATION ${toro_package_dir})

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
  DESTINATION ${toro_package_dir})

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
