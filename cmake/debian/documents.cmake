# CPack runs this before it makes the packages: gives each of them the two
# documents that every Debian package has.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()

set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
# The day of SOURCE_DATE_EPOCH, where that is set.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(READ ${CPACK_RESOURCE_FILE_LICENSE} license)
string(STRIP "${license}" license)
string(REGEX REPLACE "\n" "\n " license "${license}")
string(REGEX REPLACE "\n \n" "\n .\n" license "${license}")

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} key)
  set(package ${CPACK_DEBIAN_${key}_PACKAGE_NAME})
  set(to ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share/doc/${package})
  configure_file(${CMAKE_CURRENT_LIST_DIR}/copyright.in ${to}/copyright @ONLY)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in
    ${to}/changelog.Debian @ONLY)
  execute_process(COMMAND gzip -9n ${to}/changelog.Debian
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
