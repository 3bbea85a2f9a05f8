# Proves that the port of vcpkg, which cannot look it up, states the library's
# version: cmake -DROOT=<repository> -DVERSION=<it> -P package_version.cmake

file(READ ${ROOT}/cmake/vcpkg/vcpkg.json port)
string(JSON stated GET "${port}" version)
if(NOT stated STREQUAL VERSION)
  message(FATAL_ERROR "cmake/vcpkg/vcpkg.json states the version ${stated}, "
    "and it is ${VERSION}")
endif()
